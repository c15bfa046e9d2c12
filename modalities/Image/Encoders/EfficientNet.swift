public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W places, C channels.

/// EfficientNet (Tan and Le 2019) without its last convolution, as ALIGN has it: blocks that widen, convolve each channel
/// by itself, weigh the channels, and narrow again; a picture's vector is the mean over the last map.
public struct EfficientNet: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 128 MiB.
    public let batchLimit: Int
    private let stem: ConvolutionNorm
    private let blocks: [MobileBlock]

    /// Reads the keys that README.md in the folder of this modality lists; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        let shape = try EfficientNetShape(config)
        preparation = try PicturePreparation(config["pixels"] ?? .empty, usual: shape.size, patch: 32, channels: 3)
        width = shape.blocks.last?.to ?? shape.stem
        stem = ConvolutionNorm(
            scope["stem"]["conv"], scope["stem"]["norm"], from: 3, to: shape.stem, kernel: 3, stride: 2, padding: 0,
            epsilon: shape.epsilon)
        blocks = shape.blocks.enumerated().map { MobileBlock(scope["blocks"][$0], $1, epsilon: shape.epsilon) }
        let widest = shape.blocks.first.map { max($0.inner, shape.stem) } ?? shape.stem
        batchLimit = min(max((1 << 25) / (shape.size.height * shape.size.width / 4 * widest), 1), 32)
    }

    /// The prepared picture, [H, W, 3]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> { try preparation.clips(of: item, shrunk: 32) }

    /// One vector per picture: [B, C].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, H, W, 3] to [B, C]; `each` sees the map behind the stem as 0, behind the first block as 1, and so on.
    package func callAsFunction(
        _ pictures: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        // The stem pads at the right and the bottom alone.
        var x = stem(pictures.padded([(0, 0), (0, 1), (0, 1), (0, 0)]), pass).silu()
        each(0, x)
        for (index, block) in blocks.enumerated() {
            x = block(x, pass)
            each(index + 1, x)
        }
        return x.mean(axes: [1, 2])
    }
}

/// One inverted bottleneck (Sandler and others 2018) with squeeze and excitation (Hu and others 2018).
private struct MobileBlock: Sendable {
    let expand: ConvolutionNorm?
    let depthwise: ConvolutionNorm
    let reduce: Linear
    let excite: Linear
    let project: ConvolutionNorm
    let shape: EfficientNetShape.Block

    /// Parts `expand`, `depthwise`, `squeeze`, `project` below `scope`.
    init(_ scope: Scope, _ shape: EfficientNetShape.Block, epsilon: Float) {
        func part(_ name: String, from: Int, to: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1)
            -> ConvolutionNorm
        {
            ConvolutionNorm(
                scope[name]["conv"], scope[name]["norm"], from: from, to: to, kernel: kernel, stride: stride,
                padding: stride == 1 ? nil : 0, groups: groups, epsilon: epsilon)
        }
        self.shape = shape
        expand = shape.inner == shape.from ? nil : part("expand", from: shape.from, to: shape.inner)
        depthwise = part(
            "depthwise", from: shape.inner, to: shape.inner, kernel: shape.kernel, stride: shape.stride,
            groups: shape.inner)
        reduce = Linear(scope["squeeze"]["reduce"], from: shape.inner, to: shape.squeezed)
        excite = Linear(scope["squeeze"]["expand"], from: shape.squeezed, to: shape.inner)
        project = part("project", from: shape.inner, to: shape.to)
    }

    /// [B, H, W, from] to [B, H′, W′, to].
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        var inside = expand.map { $0(x, pass).silu() } ?? x
        if shape.stride > 1 {
            let after = shape.kernel / 2
            let before = shape.padsEvenly ? after : after - 1
            inside = inside.padded([(0, 0), (before, after), (before, after), (0, 0)])
        }
        inside = depthwise(inside, pass).silu()
        let weights = excite(reduce(inside.mean(axes: [1, 2])).silu()).sigmoid()
        inside = project(inside * weights.reshaped([weights.shape[0], 1, 1, weights.shape[1]]), pass)
        return shape.hasShortcut ? x + inside : inside
    }
}
