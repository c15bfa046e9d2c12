public import BinderyBinding
public import BinderyLayers
public import Foundation

/// A model as it lies on disk: recognised, verified and ready to embed.
public struct Model: Sendable {
    /// The family that recognised it.
    public let family: String
    /// The space, filled with the checkpoint's weights and frozen.
    public let space: JointSpace
    /// What else is known of it, for people: licence, source, what was assumed.
    public let notes: [String]
    /// The towers whose encoders training left alone, where that is known.
    public let frozen: [String]
    /// Towers that are the same network as another one, by their names.
    public let twins: [String: String]

    /// Opens the model at `url`, a folder or a single file of weights.
    ///
    /// Throws one sentence when no family knows it, saying which were tried and what each missed; when names, shapes or
    /// sizes of its weights do not fit; when a file of it is broken. Without its tokenizer it opens, and refuses texts.
    public init(at url: URL, tokenizer: URL? = nil, modalities: [Modality]) throws {
        let files = try ModelFiles(url, tokenizer: tokenizer)
        let found = try Family.recognise(files)
        let space = try JointSpace(found.plan, modalities: modalities, assets: found.assets)
        try space.parameters.fill(from: found.checkpoint, through: found.keyMap)
        if found.boundsScales { for pair in found.plan.pairs { try space.temperature(pair.a, pair.b).clamp() } }
        family = found.family
        self.space = space
        notes = found.notes
        frozen = found.frozen
        twins = found.twins
    }

    /// The hash of everything that decides this model's vectors: its weights, its plan, its assets.
    public func fingerprint() throws -> Fingerprint { try space.fingerprint() }
}
