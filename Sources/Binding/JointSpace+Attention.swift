public import BinderyLayers
public import BinderyTensors

extension JointSpace {
    /// What the attentions of an item's encoder did with its first clip, and the clip where it is a tensor.
    ///
    /// There are no weights where the encoder has no attention over all of its input. Throws when the item cannot be read.
    public func attention(
        _ item: Item, as modality: String
    ) throws -> (clip: Tensor?, seen: AttentionWatch.Seen) {
        func watch<E: Encoder>(_ encoder: E) throws -> (clip: Tensor?, seen: AttentionWatch.Seen) {
            var clips = try encoder.clips(of: item)
            guard let piece = try clips.next() else { return (nil, AttentionWatch.Seen()) }
            let seen = parameters.whileFrozen {
                AttentionWatch.watching { _ = encoder([piece.clip], .inference) }.seen
            }
            return (piece.clip as? Tensor, seen)
        }
        return try watch(tower(modality).encoder)
    }
}
