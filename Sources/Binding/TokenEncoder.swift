import BinderyLayers
public import BinderyTensors

/// An encoder whose tokens can be had one by one, as language models and diffusion take them.
public protocol TokenEncoder: Encoder {
    /// The number of blocks.
    var layers: Int { get }

    /// The states of each clip's tokens, [tokens, width].
    ///
    /// `layer` counts from what enters the first block (0) to what leaves the last (`layers`); nil is the result with the
    /// final norm, where it acts on tokens.
    func tokens(of clips: [Clip], layer: Int?) -> [Tensor]
}

extension JointSpace {
    /// The states of every item's tokens before pooling and head, [tokens, width] each.
    ///
    /// `layer` counts from what enters the first block (0), or back from what leaves the last (-1); nil is the encoder's
    /// result. Throws when the tower has no tokens to show or no such layer, or an item is longer than one clip.
    public func tokens(
        _ items: [Item], as modality: String, layer: Int? = nil, progress: (Int) -> Void = { _ in }
    ) throws -> [Tensor] {
        let tower = try tower(modality)
        guard let encoder = tower.encoder as? any TokenEncoder else {
            let kind = plan.towers[modality]?.encoder ?? modality
            throw SpaceError.malformed("\(kind) has no tokens to show; image/vit and the text Transformers have")
        }
        return try parameters.whileFrozen { try encoder.states(items, layer, progress) }
    }
}

extension TokenEncoder {
    fileprivate func states(_ items: [Item], _ layer: Int?, _ progress: (Int) -> Void) throws -> [Tensor] {
        let wanted = layer.map { $0 < 0 ? layers + 1 + $0 : $0 }
        guard wanted.map((0...layers).contains) ?? true else {
            throw SpaceError.malformed(
                "there is no layer \(layer ?? 0); there are 0 to \(layers), or -1 to \(-layers - 1)")
        }
        var states: [Tensor] = []
        for part in Array(items.indices).cut(by: batchLimit) {
            let first = part.startIndex
            let clips = try Preparation.parallel(part.count) { index -> Clip in
                let item = items[part[first + index]]
                var clips = try self.clips(of: item)
                guard let clip = try clips.next(), try clips.next() == nil else {
                    throw SpaceError.malformed("\(item.name) is longer than the encoder sees at once; cut it first")
                }
                return clip.clip
            }
            states += tokens(of: clips, layer: wanted)
            progress(states.count)
        }
        return states
    }
}
