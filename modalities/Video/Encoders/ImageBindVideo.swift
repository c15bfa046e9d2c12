public import BinderyBinding
public import BinderyLayers
import BinderyPictures
public import BinderyTensors

/// ImageBind's picture encoder over frames that move.
///
/// The frames are taken two by two, as many as a patch reaches over. Of more than `clips` such clips as many are taken,
/// evenly spaced from the first to the last; each is seen through up to three squares along its longer side, and all
/// vectors are averaged. Parameters: `stem.weight`, and those of `ImageBindTrunk`.
public struct ImageBindVideo: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let size: Int
    private let clips: Int
    private let parts: [SquareView.Part]
    private let stem: FrameEmbedding
    private let trunk: ImageBindTrunk
    private let reader = PictureReader()

    /// Reads `width`, `layers`, `heads`, `size` (pixels a side), `patch`, `frames` (of a clip), `clips` and `crops` (1 or
    /// 3); throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: TransformerShape.imageBindKeys + ["size", "patch", "frames", "clips", "crops"])
        let shape = try TransformerShape.imageBind(config, extraRow: false)
        let patch = try config.integer("patch", in: 1...256, or: 14)
        size = try config.integer("size", in: patch...4096, or: 224)
        guard size % patch == 0 else { throw ConfigError.inconsistent("patch (\(patch)) must divide size (\(size))") }
        clips = try config.integer("clips", in: 1...64, or: 5)
        switch try config.integer("crops", in: 1...3, or: 3) {
        case 1: parts = [.middle]
        case 3: parts = [.start, .middle, .end]
        default: throw ConfigError.inconsistent("crops must be 1 or 3")
        }
        stem = FrameEmbedding(
            scope["stem"], side: size, patch: patch, frames: try config.integer("frames", in: 1...64, or: 2),
            width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: stem.tokens, normsTokens: true)
    }

    /// The clips of a folder of frames, [T, S, S, 3] each; throws when a frame cannot be read.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let frames = try Frames(item)
        let pieces = try starts(of: frames.count).flatMap { start in
            let pictures = try (start..<start + stem.frames).map {
                try frames.picture(min($0, frames.count - 1), reader)
            }
            let isSquare = pictures.allSatisfy { $0.width == $0.height }
            return (isSquare ? [.middle] : parts).map { part in
                Clips.Piece(
                    Tensor.stacked(
                        pictures.map {
                            $0.square(SquareView(side: size, part: part))
                                .normalised(mean: Picture.clipMean, deviation: Picture.clipDeviation)
                        }))
            }
        }
        return Clips(pieces)
    }

    /// Where clips begin.
    func starts(of count: Int) -> [Int] {
        let whole = count / stem.frames
        guard whole > clips else {
            let starts = (0..<whole).map { $0 * stem.frames }
            // The rest is seen by a clip that ends with the video.
            return count % stem.frames == 0 ? starts : starts + [max(count - stem.frames, 0)]
        }
        return (0..<clips).map { $0 * (count - stem.frames) / max(clips - 1, 1) }
    }

    /// One vector per clip: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        return self(.stacked(clips), pass)
    }

    /// [B, T, S, S, 3] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ clips: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor { trunk(stem.clips(clips), pass, each: each) }
}
