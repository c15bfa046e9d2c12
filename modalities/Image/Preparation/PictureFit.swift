internal import Foundation

/// How a picture reaches the size that a network wants, before it is cut.
enum PictureFit: String, CaseIterable, Sendable {
    /// Not at all.
    case none
    /// To the given size, whatever becomes of its proportions (SigLIP, ViT).
    case exact
    /// The shorter edge to the given length, the other one in proportion, rounded down (CLIP).
    case shortest
    /// In proportion, until the given size is covered.
    case cover
    /// In proportion, until it fits within the given size.
    case within
    /// In proportion, to whole patches of which there are as many as the network takes (SigLIP 2's NaFlex).
    case patches
}

/// Rows and columns.
struct PixelSize: Hashable, Sendable {
    var height: Int
    var width: Int

    /// The size that a picture of this size gets; `patch` and `most` count for `PictureFit.patches` alone.
    func fitted(_ fit: PictureFit, to target: PixelSize, patch: Int, most: Int) -> PixelSize {
        switch fit {
        case .none: return self
        case .exact: return target
        case .shortest:
            let (short, long) = (min(height, width), max(height, width))
            let other = Int(Double(target.height) * Double(long) / Double(short))
            return width <= height
                ? PixelSize(height: other, width: target.height) : PixelSize(height: target.height, width: other)
        case .cover, .within:
            let ratios = (Double(height) / Double(target.height), Double(width) / Double(target.width))
            let ratio = fit == .cover ? min(ratios.0, ratios.1) : max(ratios.0, ratios.1)
            func scaled(_ length: Int) -> Int { max(Int((Double(length) / ratio).rounded(.toNearestOrEven)), 1) }
            return PixelSize(height: scaled(height), width: scaled(width))
        case .patches: return patched(patch, most: most)
        }
    }

    /// The largest size of about these proportions that is made of whole patches, at most `most` of them.
    ///
    /// The scale is bisected to the same last step as the reference does it, since a finer one can give another size.
    private func patched(_ patch: Int, most: Int) -> PixelSize {
        func scaled(_ scale: Double) -> PixelSize {
            func whole(_ length: Int) -> Int {
                max(Int((Double(length) * scale / Double(patch)).rounded(.up)), 1) * patch
            }
            return PixelSize(height: whole(height), width: whole(width))
        }
        let step = 1e-5
        var (low, high) = (step / 10, 100.0)
        while high - low >= step {
            let scale = (low + high) / 2
            let size = scaled(scale)
            if Double(size.height / patch) * Double(size.width / patch) <= Double(most) {
                low = scale
            } else {
                high = scale
            }
        }
        return scaled(low)
    }
}
