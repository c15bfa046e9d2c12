public import BinderyBinding
public import BinderyTensors

extension TextTransformer: TokenEncoder {
    /// The number of blocks.
    public var layers: Int { blockCount }

    /// The states of each text's tokens, [tokens, width]; CLIP's texts are filled up to all positions, as Stable Diffusion
    /// takes them.
    public func tokens(of clips: [[Int]], layer: Int?) -> [Tensor] {
        let rows = filled(clips)
        let states = features(rows, layer: layer)
        return rows.enumerated().map { index, row in
            states.slice(axis: 0, index..<index + 1).reshaped([states.shape[1], width]).slice(axis: 0, 0..<row.count)
        }
    }
}
