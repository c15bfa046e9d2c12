public import BinderyBinding
public import BinderyLayers
import BinderyPictures
public import BinderyTensors

/// ImageBind's depth encoder: a Transformer over patches of a disparity map.
///
/// Parameters: `stem.weight`, `stem.norm`, and those of `ImageBindTrunk`.
public struct ImageBindDepth: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let map: DepthMap
    private let view: SquareView
    private let stem: PatchEmbedding
    private let trunk: ImageBindTrunk
    private let reader = PictureReader()

    /// Reads `width`, `layers`, `heads`, `size` (numbers a side), `patch`, and `unit`, `baseline`, `focal` of the maps;
    /// throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: TransformerShape.imageBindKeys + ["size", "patch"] + DepthMap.keys)
        let shape = try TransformerShape.imageBind(config, extraRow: true)
        let patch = try config.integer("patch", in: 1...256, or: 16)
        let size = try config.integer("size", in: patch...4096, or: 224)
        map = try DepthMap(config)
        view = SquareView(side: size)
        stem = PatchEmbedding(scope["stem"], plane: (size, size), patch: patch, stride: patch, width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: stem.tokens)
    }

    /// The middle of the map as normalised disparity, [S, S]; throws when it cannot be read.
    public func clips(of item: Item) throws -> Clips<Tensor> { Clips(try map.square(of: item, view, reader)) }

    /// One vector per map: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        return self(.stacked(clips), pass)
    }

    /// [B, S, S] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ maps: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor { trunk(stem(maps), pass, each: each) }
}
