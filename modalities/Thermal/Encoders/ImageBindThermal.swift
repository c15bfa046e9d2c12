public import BinderyBinding
public import BinderyLayers
import BinderyPictures
public import BinderyTensors

/// ImageBind's thermal encoder: a Transformer over patches of a picture of heat.
///
/// Parameters: `stem.weight`, `stem.norm`, and those of `ImageBindTrunk`.
public struct ImageBindThermal: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let heat: HeatMap
    private let view: SquareView
    private let stem: PatchEmbedding
    private let trunk: ImageBindTrunk
    private let reader = PictureReader()

    /// Reads `width`, `layers`, `heads`, `size` (pixels a side), `patch`, and `low` and `high` of 16-bit pictures;
    /// throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: TransformerShape.imageBindKeys + ["size", "patch"] + HeatMap.keys)
        let shape = try TransformerShape.imageBind(config, extraRow: true)
        let patch = try config.integer("patch", in: 1...256, or: 16)
        let size = try config.integer("size", in: patch...4096, or: 224)
        heat = try HeatMap(config)
        view = SquareView(side: size)
        stem = PatchEmbedding(scope["stem"], plane: (size, size), patch: patch, stride: patch, width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: stem.tokens)
    }

    /// The middle of the picture between 0 and 1, [S, S]; throws `PictureError`.
    public func clips(of item: Item) throws -> Clips<Tensor> { Clips(try heat.square(of: item, view, reader)) }

    /// One vector per picture: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        return self(.stacked(clips), pass)
    }

    /// [B, S, S] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ pictures: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor { trunk(stem(pictures), pass, each: each) }
}
