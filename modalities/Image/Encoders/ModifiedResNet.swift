public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W pixels or places, C channels, D width.

/// OpenAI's residual network for CLIP (Radford and others 2021, section 2.4), RN50 to RN50x64: three convolutions in the stem,
/// strides that are average pools, and attention in the place of the last pool.
public struct ModifiedResNet: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 128 MiB.
    public let batchLimit: Int
    private let stem: [ConvolutionNorm]
    private let layers: [[Bottleneck]]
    private let pool: MapAttention

    /// The keys that a configuration may have.
    static let keys = ["size", "width", "layers", "heads", "embedding", "pixels"]

    /// Reads the keys that README.md in the folder of this modality lists; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: Self.keys)
        let size = try config.pixelSize("size", or: PixelSize(height: 224, width: 224))
        guard size.height % 32 == 0, size.width % 32 == 0, max(size.height, size.width) <= 4096 else {
            throw ConfigError.wrong("size", "a multiple of 32 up to 4096", config["size"] ?? .null)
        }
        let base = try config.integer("width", in: 2...2048, or: 64)
        let counts = try config.integers("layers", in: 1...256, most: 4, or: [3, 4, 6, 3])
        let heads = try config.integer("heads", in: 1...1024, or: max(base / 2, 1))
        width = try config.integer("embedding", in: 1...65_536, or: 1024)
        guard counts.count == 4, base % 2 == 0, base * 32 % heads == 0 else {
            throw ConfigError.inconsistent("four layers, an even width, and heads that divide 32 times the width")
        }
        preparation = try PicturePreparation(config["pixels"] ?? .empty, usual: size, patch: 32, channels: 3)
        stem = [(3, base / 2, 2), (base / 2, base / 2, 1), (base / 2, base, 1)].enumerated().map { index, sizes in
            ConvolutionNorm(
                scope["stem"]["conv\(index + 1)"], scope["stem"]["norm\(index + 1)"], from: sizes.0, to: sizes.1,
                kernel: 3, stride: sizes.2)
        }
        var from = base
        layers = counts.enumerated().map { level, count in
            let inner = base << level
            return (0..<count).map { index in
                defer { from = inner * 4 }
                return Bottleneck(
                    scope["layers"][level + 1][index], from: from, inner: inner,
                    stride: level > 0 && index == 0 ? 2 : 1)
            }
        }
        pool = MapAttention(
            scope["pool"], grid: (size.height / 32, size.width / 32), width: base * 32, heads: heads, to: width)
        batchLimit = min(max((1 << 25) / (size.height * size.width / 4 * base), 1), 32)
    }

    /// The prepared picture, [H, W, 3]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> { try preparation.clips(of: item, shrunk: 32) }

    /// One vector per picture: [B, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, H, W, 3] to [B, D]; `each` sees the maps behind the stem and behind every layer, [B, H′, W′, C].
    package func callAsFunction(
        _ pictures: Tensor, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        var x = stem.reduce(pictures) { $1($0, pass).relu() }.averagePool2D(kernel: (2, 2))
        each("stem", x)
        for (level, blocks) in layers.enumerated() {
            for block in blocks { x = block(x, pass) }
            each("layer\(level + 1)", x)
        }
        return pool(x, pass)
    }
}

/// Three convolutions beside a shortcut; where it strides, an average pool does it, in both branches.
private struct Bottleneck: Sendable {
    let first: ConvolutionNorm
    let second: ConvolutionNorm
    let third: ConvolutionNorm
    let shortcut: ConvolutionNorm?
    let stride: Int

    init(_ scope: Scope, from: Int, inner: Int, stride: Int) {
        first = ConvolutionNorm(scope["conv1"], scope["norm1"], from: from, to: inner, kernel: 1)
        second = ConvolutionNorm(scope["conv2"], scope["norm2"], from: inner, to: inner, kernel: 3)
        third = ConvolutionNorm(scope["conv3"], scope["norm3"], from: inner, to: inner * 4, kernel: 1)
        shortcut =
            stride > 1 || from != inner * 4
            ? ConvolutionNorm(scope["shortcut"], scope["shortcut_norm"], from: from, to: inner * 4, kernel: 1) : nil
        self.stride = stride
    }

    /// [B, H, W, from] to [B, H / stride, W / stride, 4 · inner].
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        func shrunk(_ x: Tensor) -> Tensor { stride > 1 ? x.averagePool2D(kernel: (stride, stride)) : x }
        let inside = shrunk(second(first(x, pass).relu(), pass).relu())
        let beside = shortcut.map { $0(shrunk(x), pass) } ?? x
        return (third(inside, pass) + beside).relu()
    }
}

/// Attention of the mean over a map to the map and itself, in the place of a global pool.
private struct MapAttention: Sendable {
    let positions: Parameter
    let attention: Attention
    let grid: (height: Int, width: Int)

    /// Parameters `positions` and `attention` below `scope`.
    init(_ scope: Scope, grid: (Int, Int), width: Int, heads: Int, to outputWidth: Int) {
        self.grid = grid
        positions = scope("positions", grid.0 * grid.1 + 1, width, start: .normal(1 / Float(width).squareRoot()))
        attention = Attention(scope["attention"], width: width, heads: heads, to: outputWidth)
    }

    /// [B, H, W, C] to [B, D].
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let (batch, places, width) = (x.shape[0], x.shape[1] * x.shape[2], x.shape[3])
        let map = x.reshaped([batch, places, width])
        let table = positions()
        let first = table.slice(axis: 0, 0..<1)
        let rest = table.slice(axis: 0, 1..<table.shape[0])
            .interpolatedGrid(from: grid, to: (x.shape[1], x.shape[2]), .bicubic)
        let mean = map.mean(axes: [1], keeping: true) + first
        let answer = attention(mean, over: .concatenated([mean, map + rest], axis: 1), pass)
        return answer.reshaped([batch, answer.shape[2]])
    }
}
