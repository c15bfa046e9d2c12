public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W pixels, C channels, D width.

/// A Swin Transformer over the patches of a picture (Liu and others 2021); a picture's vector is the mean over the last map.
///
/// A clip is a prepared picture, [H, W, C], of any size: zeros at the right and the bottom fill up the last patches.
public struct SwinTransformer: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 32 MiB.
    public let batchLimit: Int
    private let patch: Int
    private let grid: (height: Int, width: Int)
    private let interpolation: GridInterpolation
    private let patches: Convolution2D
    private let norm: LayerNorm
    private let positions: Embedding?
    private let swin: Swin

    private static let mostPatches = 16_384

    /// Reads `size` (224), `patch` (4), `channels` (3), `positions` (whether every place has a learned vector of its own),
    /// `interpolation`, `pixels`, and the keys of `SwinShape`; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(
            only: SwinShape.keys + ["size", "patch", "channels", "positions", "interpolation", "pixels"])
        let shape = try SwinShape(config, usual: .tiny)
        let size = try config.pixelSize("size", or: PixelSize(height: 224, width: 224))
        patch = try config.integer("patch", in: 1...1024, or: 4)
        let channels = try config.integer("channels", in: 1...3, or: 3)
        guard channels != 2 else { throw ConfigError.wrong("channels", "1 or 3", .integer(2)) }
        grid = (size.height / patch, size.width / patch)
        guard (1...Self.mostPatches).contains(grid.height * grid.width) else {
            throw ConfigError.inconsistent(
                "\(size.height) × \(size.width) pixels make \(grid.height * grid.width) patches of \(patch), not from 1 to "
                    + "\(Self.mostPatches)")
        }
        interpolation = try config.choice("interpolation", or: .bicubic)
        preparation = try PicturePreparation(
            config["pixels"] ?? .empty, usual: size, patch: patch, channels: channels)
        width = shape.lastWidth
        patches = Convolution2D(
            scope["patches"]["projection"], from: channels, to: shape.width, kernel: (patch, patch),
            stride: (patch, patch))
        norm = LayerNorm(scope["patches"]["norm"], width: shape.width)
        positions =
            try config.bool("positions", or: false)
            ? Embedding(scope["positions"], rows: grid.height * grid.width, width: shape.width) : nil
        swin = Swin(scope, shape)
        batchLimit = min(max((1 << 23) / (grid.height * grid.width * shape.width * 4), 1), 32)
    }

    /// The prepared picture, [H, W, C]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let picture = try preparation(item)
        let (rows, columns) = ((picture.shape[0] + patch - 1) / patch, (picture.shape[1] + patch - 1) / patch)
        guard (1...Self.mostPatches).contains(rows * columns) else {
            throw ImageError.wrongPatches(item.name, rows: rows, columns: columns, most: Self.mostPatches)
        }
        return Clips(picture)
    }

    /// One vector per picture: [B, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, H, W, C] to [B, D].
    ///
    /// `each` sees the "patches" with their positions, what `Swin` shows, and the normalised result as "last", maps as
    /// [B, H, W, C].
    package func callAsFunction(
        _ pictures: Tensor, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let missing = [1, 2].map { (patch - pictures.shape[$0] % patch) % patch }
        let filled =
            missing == [0, 0] ? pictures : pictures.padded([(0, 0), (0, missing[0]), (0, missing[1]), (0, 0)])
        var x = norm(patches(filled))
        if let positions {
            let size = (height: x.shape[1], width: x.shape[2])
            let table = positions.weight().interpolatedGrid(from: grid, to: size, interpolation)
            x = x + table.reshaped([size.height, size.width, x.shape[3]])
        }
        each("patches", x)
        let last = swin(x, pass, each: each)
        each("last", last)
        return last.mean(axes: [1, 2])
    }
}
