import BinderyLayers
public import BinderyTensors

extension JointSpace {
    /// The weights of every attention that an item's first clip meets in its encoder, and the clip where it is a tensor.
    ///
    /// Each is [1, heads, T, S]; there are none where the encoder has no attention over all of its input. Throws when the item
    /// cannot be read.
    public func attention(
        _ item: Item, as modality: String
    ) throws -> (clip: Tensor?, weights: [Tensor]) {
        func watch<E: Encoder>(_ encoder: E) throws -> (clip: Tensor?, weights: [Tensor]) {
            var clips = try encoder.clips(of: item)
            guard let piece = try clips.next() else { return (nil, []) }
            let seen = parameters.whileFrozen {
                AttentionWatch.watching { _ = encoder([piece.clip], .inference) }
            }
            return (piece.clip as? Tensor, seen.weights)
        }
        return try watch(tower(modality).encoder)
    }
}
