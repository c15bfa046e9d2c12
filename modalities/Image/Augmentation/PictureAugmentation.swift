public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

/// Random changes of a picture for training: it is cut out and warped, its colours are changed, a square is painted over
/// (Chen and others 2020, appendix A; Cubuk and others 2019).
///
/// Everything happens on values from 0 to 1, before the normalisation, and in this order: warp, colours, blur, square, noise.
struct PictureAugmentation: Sendable {
    private let warp: PictureWarp
    private let colours: PictureColours
    private let blur: Blur?
    private let square: Square?
    private let noise: Float
    private let levels: PictureLevels

    private struct Blur {
        let probability: Float
        let sigma: ClosedRange<Float>
    }

    private struct Square {
        let probability: Float
        let side: Int
    }

    /// Reads the keys of `PictureWarp` and `PictureColours`, `blur` (`probability`, `sigma` in pixels), `square`
    /// (`probability`, `side` in pixels) and `noise` (a deviation); throws when one is unknown or out of range.
    init(_ config: Config, levels: PictureLevels) throws {
        try config.allow(only: PictureWarp.keys + PictureColours.keys + ["blur", "square", "noise"])
        warp = try PictureWarp(config)
        colours = try PictureColours(config)
        blur = try config["blur"].map { blur in
            try blur.allow(only: ["probability", "sigma"])
            return Blur(
                probability: Float(try blur.number("probability", in: 0...1, or: 0.5)),
                sigma: try blur.span("sigma", in: 0.01...100, or: 0.1...2))
        }
        square = try config["square"].map { square in
            try square.allow(only: ["probability", "side"])
            return Square(
                probability: Float(try square.number("probability", in: 0...1, or: 0.5)),
                side: try square.integer("side", in: 1...16_384))
        }
        noise = Float(try config.number("noise", in: 0...10, or: 0))
        self.levels = levels
    }

    /// A changed copy of a prepared picture, [H, W, C].
    func callAsFunction(_ clip: Tensor, _ random: inout RandomSource) -> Tensor {
        guard clip.count > 0 else { return clip }
        // Every part has a stream of its own, so that switching one off leaves the others as they were.
        var streams = ["warp", "colours", "blur", "square"].map { random.split($0) }
        var noises = random.split("noise")
        let shape = (height: clip.shape[0], width: clip.shape[1], channels: clip.shape[2])
        var pixels = levels.pixels(of: clip)
        pixels = warp(pixels, shape, &streams[0])
        colours(&pixels, channels: shape.channels, &streams[1])
        if let blur, streams[2].uniform() < blur.probability {
            pixels = pixels.blurred(shape, sigma: streams[2].uniform(in: blur.sigma))
        }
        if let square, streams[3].uniform() < square.probability {
            let side = (min(square.side, shape.height), min(square.side, shape.width))
            let top = streams[3].integer(below: shape.height - side.0 + 1)
            let left = streams[3].integer(below: shape.width - side.1 + 1)
            for row in top..<top + side.0 {
                let start = (row * shape.width + left) * shape.channels
                for place in start..<start + side.1 * shape.channels { pixels[place] = 0 }
            }
        }
        let changed = levels.normalised(pixels, clip.shape)
        return noise > 0 ? changed + noises.normal(clip.shape, deviation: noise) * levels.scale : changed
    }
}

/// An encoder that sees prepared pictures, which training may change.
public protocol PictureEncoder: Encoder where Clip == Tensor {
    /// How files become clips.
    var preparation: PicturePreparation { get }
}

extension PictureEncoder {
    /// `crop`, `flip`, `turn`, `stretch`, `shear`, `move`, `brightness`, `contrast`, `saturation`, `hue`, `colours`,
    /// `grey`, `blur`, `square` and `noise`, as README.md in the folder of this modality has them.
    public func augmentation(_ config: Config) throws -> Augmentation<Tensor> {
        guard config != .empty else { return { clip, _ in clip } }
        let change = try PictureAugmentation(config, levels: preparation.pixelLevels)
        return { clip, random in change(clip, &random) }
    }
}

extension Config {
    /// Two numbers at `key`, the smaller first; `fallback` when the key is absent.
    func span(_ key: String, in range: ClosedRange<Double>, or fallback: ClosedRange<Float>) throws(ConfigError)
        -> ClosedRange<Float>
    {
        guard let value = self[key] else { return fallback }
        let numbers = value.asList?.compactMap(\.asNumber).filter(range.contains) ?? []
        guard numbers.count == 2, value.asList?.count == 2, numbers[0] <= numbers[1] else {
            throw .wrong(key, "two numbers from \(range.lowerBound) to \(range.upperBound), the smaller first", value)
        }
        return Float(numbers[0])...Float(numbers[1])
    }
}
