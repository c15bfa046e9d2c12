public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W places, C channels.

/// ConvNeXt (Liu and others 2022) as open_clip takes it from timm: stages of blocks that convolve each channel by itself and
/// then mix the channels of each place; a picture's vector is the mean over the last map, normed.
///
/// Parameters: `stem.conv`, `stem.norm`, `stages.N.shrink.norm`, `stages.N.shrink.conv` for all but the first stage,
/// `stages.N.blocks.M.depthwise`, `.norm`, `.feed_forward.wide`, `.feed_forward.narrow`, `.scale`, and `final_norm`.
public struct ConvNeXt: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 128 MiB.
    public let batchLimit: Int
    private let stem: Convolution2D
    private let stemNorm: LayerNorm
    private let stages: [Stage]
    private let finalNorm: LayerNorm
    private let shrunk: Int

    /// The keys that a configuration may have.
    static let keys = ["size", "patch", "widths", "depths", "kernel", "expansion", "epsilon", "layerScale", "pixels"]

    /// Reads the keys that README.md in the folder of this modality lists; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: Self.keys)
        let size = try config.pixelSize("size", or: PixelSize(height: 224, width: 224))
        let patch = try config.integer("patch", in: 1...64, or: 4)
        let widths = try config.integers("widths", in: 1...16_384, most: 8, or: [96, 192, 384, 768])
        let depths = try config.integers("depths", in: 1...1024, most: 8, or: [3, 3, 9, 3])
        let kernel = try config.integer("kernel", in: 1...31, or: 7)
        let expansion = try config.integer("expansion", in: 1...64, or: 4)
        let epsilon = Float(try config.number("epsilon", in: 0...1, or: 1e-6))
        let start =
            config["layerScale"] == .null ? nil : Float(try config.number("layerScale", in: -1e6...1e6, or: 1e-6))
        guard widths.count == depths.count, let first = widths.first, let last = widths.last else {
            throw ConfigError.inconsistent("widths and depths must have one number for every stage")
        }
        guard kernel % 2 == 1 else { throw ConfigError.inconsistent("kernel must be odd, not \(kernel)") }
        shrunk = patch << (widths.count - 1)
        guard min(size.height, size.width) >= shrunk, max(size.height, size.width) <= 4096 else {
            throw ConfigError.wrong("size", "from \(shrunk) to 4096", config["size"] ?? .null)
        }
        preparation = try PicturePreparation(config["pixels"] ?? .empty, usual: size, patch: shrunk, channels: 3)
        width = last
        stem = Convolution2D(
            scope["stem"]["conv"], from: 3, to: first, kernel: (patch, patch), stride: (patch, patch))
        stemNorm = LayerNorm(scope["stem"]["norm"], width: first, epsilon: epsilon)
        stages = widths.indices.map { index in
            Stage(
                scope["stages"][index], from: index == 0 ? nil : widths[index - 1], to: widths[index],
                depth: depths[index], kernel: kernel, expansion: expansion, epsilon: epsilon, layerScale: start)
        }
        finalNorm = LayerNorm(scope["final_norm"], width: last, epsilon: epsilon)
        batchLimit = min(max((1 << 25) / (size.height / patch * (size.width / patch) * first * expansion), 1), 32)
    }

    /// The prepared picture, [H, W, 3]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> { try preparation.clips(of: item, shrunk: shrunk) }

    /// One vector per picture: [B, C].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, H, W, 3] to [B, C].
    func callAsFunction(_ pictures: Tensor, _ pass: Pass) -> Tensor {
        let map = stages.reduce(stemNorm(stem(pictures))) { $1($0) }
        return finalNorm(map.mean(axes: [1, 2]))
    }
}

/// Blocks of one width; where the width changes, a norm and a convolution over 2 × 2 places stand before them.
private struct Stage: Sendable {
    let norm: LayerNorm?
    let shrink: Convolution2D?
    let blocks: [Block]

    struct Block: Sendable {
        let depthwise: Convolution2D
        let norm: LayerNorm
        let feedForward: FeedForward
        let scale: Parameter?

        init(_ scope: Scope, width: Int, kernel: Int, expansion: Int, epsilon: Float, layerScale: Float?) {
            depthwise = Convolution2D(
                scope["depthwise"], from: width, to: width, kernel: (kernel, kernel),
                padding: (kernel / 2, kernel / 2), groups: width)
            norm = LayerNorm(scope["norm"], width: width, epsilon: epsilon)
            feedForward = FeedForward(
                scope["feed_forward"], width: width, hidden: width * expansion, activation: .gelu)
            scale = layerScale.map { scope("scale", width, start: .constant($0)) }
        }

        /// [B, H, W, C] to the same shape.
        func callAsFunction(_ x: Tensor) -> Tensor {
            let added = feedForward(norm(depthwise(x)))
            return x + (scale.map { added * $0() } ?? added)
        }
    }

    init(
        _ scope: Scope, from: Int?, to: Int, depth: Int, kernel: Int, expansion: Int, epsilon: Float,
        layerScale: Float?
    ) {
        norm = from.map { LayerNorm(scope["shrink"]["norm"], width: $0, epsilon: epsilon) }
        shrink = from.map { Convolution2D(scope["shrink"]["conv"], from: $0, to: to, kernel: (2, 2), stride: (2, 2)) }
        blocks = (0..<depth).map {
            Block(
                scope["blocks"][$0], width: to, kernel: kernel, expansion: expansion, epsilon: epsilon,
                layerScale: layerScale)
        }
    }

    /// [B, H, W, from] to [B, H / 2, W / 2, to]; the first stage keeps its places.
    func callAsFunction(_ x: Tensor) -> Tensor {
        let entered = shrink.map { $0(norm.map { $0(x) } ?? x) } ?? x
        return blocks.reduce(entered) { $1($0) }
    }
}
