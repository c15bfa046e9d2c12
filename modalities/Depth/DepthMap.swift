import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation

/// How depth maps become what ImageBind was trained on: normalised disparity, near is large.
///
/// disparity = baseline · focal / depth, in pixels; divided by 75, less 0.0418, divided by 0.0295 (the released code of
/// Omnivore, Girdhar and others 2022, which prepared SUN RGB-D for ImageBind).
struct DepthMap: Sendable {
    /// Metres per step of a 16-bit file.
    let unit: Double
    /// Between the two cameras, in metres.
    let baseline: Double
    /// The focal length in pixels of the maps as they are read.
    let focal: Double

    /// Depths are held within these, in metres.
    static let metres: ClosedRange<Float> = 0.01...50
    /// Disparities are held at this and divided by it.
    static let most: Float = 75
    static let mean: Float = 0.0418
    static let deviation: Float = 0.0295

    static let keys = ["unit", "baseline", "focal"]

    /// Reads `unit`, `baseline` and `focal`; those of a Kinect that writes millimetres unless said.
    init(_ config: Config) throws(ConfigError) {
        unit = try config.number("unit", in: 1e-9...1e3, or: 0.001)
        baseline = try config.number("baseline", in: 1e-6...1e3, or: 0.075)
        focal = try config.number("focal", in: 1e-3...1e6, or: 518.857901)
    }

    /// The square that a network sees, [side, side].
    func square(of item: Item, _ view: SquareView, _ reader: PictureReader) throws -> Tensor {
        if let array = try DepthMap.array(item) { return Plane(normalised(array)).square(view.smooth) }
        let picture = try reader.greyPicture(item)
        // 8 bits hold no metres: such maps are drawn disparities, spread over what the network takes.
        guard picture.depth > 8 else { return picture.square(view) * 4 - 2 }
        let metres = Tensor(picture.values.map { Float(Double($0) * unit) }, [picture.height, picture.width])
        return Plane(normalised(metres)).square(view.smooth)
    }

    /// Depth in metres to what the network takes; where there is no depth (0, not finite) things are infinitely far.
    func normalised(_ metres: Tensor) -> Tensor {
        let scale = Float(baseline * focal)
        return Tensor(shape: metres.shape) { target in
            metres.read { metres in
                for index in target.indices {
                    let depth = metres[index]
                    let isKnown = depth > 0 && depth.isFinite
                    let near = min(max(depth, DepthMap.metres.lowerBound), DepthMap.metres.upperBound)
                    let disparity = isKnown ? min(scale / near, DepthMap.most) : 0
                    target[index] = (disparity / DepthMap.most - DepthMap.mean) / DepthMap.deviation
                }
            }
        }
    }

    /// An array of metres, [height, width]; nil when the item is no `.npy` file.
    private static func array(_ item: Item) throws -> Tensor? {
        let found: (url: URL, row: Int?)
        switch item.source {
        case .file(let url): found = (url, nil)
        case .row(let url, let row): found = (url, row)
        case .text, .bytes, .samples, .joined: return nil
        }
        guard found.url.pathExtension.lowercased() == "npy" else { return nil }
        let file = try NumpyFile(contentsOf: found.url)
        let array = try found.row.map { try file.row($0) } ?? file.tensor()
        let shape = Array(array.shape.drop { $0 == 1 })
        guard shape.count == 2, array.count > 0, array.count <= PictureReader.usualPixelLimit else {
            throw DepthError(source: item.name, shape: array.shape)
        }
        return array.reshaped(shape)
    }
}

/// An array that is no depth map.
struct DepthError: Error, CustomStringConvertible {
    let source: String
    let shape: [Int]

    var description: String {
        """
        \(source) has the shape \(shape) where a depth map is [height, width] in metres; for one of several maps write \
        #0 after the name
        """
    }
}

extension SquareView {
    /// The same view through a kernel that makes no number larger or smaller than those around it.
    fileprivate var smooth: SquareView { SquareView(side: side, part: part, kernel: .bilinear) }
}
