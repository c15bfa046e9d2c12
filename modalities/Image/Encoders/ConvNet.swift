public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W places, C channels, D width.

/// A small convolutional network for small pictures: 3 × 3 convolutions with batch norm and ReLU, halved by 2 × 2 maximum
/// pooling after each but the last, then a linear layer over the whole map.
///
/// Parameters: `blocks.<i>`, `blocks.<i>.norm`, `fc`.
public struct ConvNet: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 128 MiB.
    public let batchLimit: Int
    private let blocks: [ConvolutionNorm]
    private let fc: Linear

    /// Reads `size`, `channels` (1 or 3), `widths`, `embedding` and `pixels`; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: ["size", "channels", "widths", "embedding", "pixels"])
        let size = try config.pixelSize("size", or: PixelSize(height: 28, width: 28))
        let channels = try config.integer("channels", in: 1...3, or: 1)
        let widths = try config.integers("widths", in: 1...4096, most: 10, or: [16, 32, 64])
        let shrink = 1 << max(widths.count - 1, 0)
        guard let last = widths.last, channels != 2, max(size.height, size.width) <= 1024,
            min(size.height, size.width) >= shrink
        else {
            throw ConfigError.inconsistent(
                "a picture of 1 or 3 channels and up to 1024 pixels a side must outlast one halving less than widths")
        }
        let pixels = config["pixels"] ?? .empty
        preparation = try PicturePreparation(
            pixels["resize"] == nil ? pixels.setting("resize", to: "exact") : pixels, usual: size, patch: 1,
            channels: channels)
        guard (preparation.crop ?? preparation.size) == size,
            preparation.crop != nil || preparation.fit == .exact
        else {
            throw ConfigError.inconsistent("pixels make pictures of another size than \(size.height) × \(size.width)")
        }
        width = try config.integer("embedding", in: 1...65_536, or: 128)
        blocks = zip([channels] + widths, widths).enumerated().map { index, sizes in
            ConvolutionNorm(
                scope["blocks"][index], scope["blocks"][index]["norm"], from: sizes.0, to: sizes.1, kernel: 3)
        }
        fc = Linear(scope["fc"], from: size.height / shrink * (size.width / shrink) * last, to: width)
        batchLimit = min(max((1 << 25) / (size.height * size.width * (widths.max() ?? 1)), 1), 256)
    }

    /// The prepared picture, [H, W, C]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> { Clips(try preparation(item)) }

    /// One vector per picture: [B, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        var x = Tensor.stacked(clips)
        for (index, block) in blocks.enumerated() {
            x = block(x, pass).relu()
            if index + 1 < blocks.count { x = x.maxPool2D(kernel: (2, 2)) }
        }
        return fc(x.reshaped([clips.count, x.count / clips.count])).relu()
    }
}
