public import BinderyBinding
public import BinderyLayers
import BinderyPictures
public import BinderyTensors

/// ImageBind's picture encoder: a picture stands still for all the frames that a patch reaches over.
///
/// Parameters: `stem.weight`, and those of `ImageBindTrunk`.
public struct ImageBindImage: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let view: SquareView
    private let stem: FrameEmbedding
    private let trunk: ImageBindTrunk
    private let reader = PictureReader()

    /// Reads `width`, `layers`, `heads`, `size` (pixels a side), `patch` and `frames`; throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: TransformerShape.imageBindKeys + ["size", "patch", "frames"])
        let shape = try TransformerShape.imageBind(config, extraRow: false)
        let patch = try config.integer("patch", in: 1...256, or: 14)
        let size = try config.integer("size", in: patch...4096, or: 224)
        guard size % patch == 0 else { throw ConfigError.inconsistent("patch (\(patch)) must divide size (\(size))") }
        view = SquareView(side: size)
        stem = FrameEmbedding(
            scope["stem"], side: size, patch: patch, frames: try config.integer("frames", in: 1...64, or: 2),
            width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: stem.tokens, normsTokens: true)
    }

    /// The middle of the picture, [S, S, 3]; throws `PictureError`.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let picture = try reader.picture(item)
        return Clips(picture.square(view).normalised(mean: Picture.clipMean, deviation: Picture.clipDeviation))
    }

    /// One vector per picture: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        return self(.stacked(clips), pass)
    }

    /// [B, S, S, 3] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ pictures: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor { trunk(stem.stills(pictures), pass, each: each) }
}
