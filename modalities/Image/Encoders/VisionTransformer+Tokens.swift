public import BinderyBinding
public import BinderyTensors

extension VisionTransformer: TokenEncoder {
    /// The number of blocks.
    public var layers: Int { blockCount }

    /// The states of class token, registers and patches, in this order: [tokens, width] for each picture.
    public func tokens(of clips: [Tensor], layer: Int?) -> [Tensor] {
        clips.map { clip in
            let states = features(clip.reshaped([1] + clip.shape), layer: layer)
            return states.reshaped([states.shape[1], states.shape[2]])
        }
    }
}
