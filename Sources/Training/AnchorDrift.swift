import BinderyBinding
public import BinderyLayers
import BinderyTensors

/// What a stage left alone, compared with what it started from.
///
/// Binding promises that anchors stay where they are (Girdhar and others 2023, section 3.2); here the promise is checked, byte
/// for byte: the weights and buffers themselves, and the vectors of some of the stage's own items.
public struct AnchorDrift: Codable, Hashable, Sendable {
    /// The stage, where the recipe names its stages.
    public let stage: String?
    /// The tower.
    public let tower: String
    /// Whether its head was frozen too, so that its vectors in the space could not move.
    public let includesHead: Bool
    /// How many numbers were compared, buffers included.
    public let numbers: Int
    /// The hash of them before the stage.
    public let before: Fingerprint
    /// The hash of them after it.
    public let after: Fingerprint
    /// How many items were embedded before and after; none where the stage meets no items of the tower.
    public let items: Int
    /// The largest difference of their vectors' components.
    public let moved: Float

    /// Whether weights and vectors are byte for byte what they were.
    public var isStill: Bool { before == after && moved == 0 }
}

/// A tower that a stage leaves alone, as it is before the stage.
struct Anchor {
    private let stage: String?
    private let tower: JointSpace.Tower
    private let includesHead: Bool
    private let parameters: [Parameter]
    private let before: Fingerprint
    private let items: [Item]
    private let vectors: Tensor?

    /// So many items are embedded before and after.
    private static let probe = 16

    /// The towers of `space` whose encoders stay frozen through all of `stage`, with their heads where these do too.
    static func all(_ space: JointSpace, _ stage: Recipe.Stage, _ samples: Samples) throws -> [Anchor] {
        try stage.freeze(space, epoch: stage.training.epochs)
        return try space.names.compactMap { name in
            let tower = try space.tower(name)
            guard tower.isEncoderFrozen else { return nil }
            let all = space.parameters.under(name)
            let includesHead = all.allSatisfy(\.isFrozen)
            let kept = all.filter { includesHead || !$0.name.isUnder("\(name).projection") }
            let items = Array((samples.items[name] ?? []).prefix(probe))
            return Anchor(
                stage: stage.name, tower: tower, includesHead: includesHead, parameters: kept,
                before: Fingerprint(of: kept), items: items,
                vectors: try Self.vectors(of: items, name, includesHead, space))
        }
    }

    /// How far it moved since.
    func drift(_ space: JointSpace) throws -> AnchorDrift {
        let now = try Self.vectors(of: items, tower.name, includesHead, space)
        let moved = zip(vectors?.values ?? [], now?.values ?? []).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        return AnchorDrift(
            stage: stage, tower: tower.name, includesHead: includesHead,
            numbers: parameters.reduce(0) { $0 + $1.count }, before: before, after: Fingerprint(of: parameters),
            items: items.count, moved: moved)
    }

    private static func vectors(
        of items: [Item], _ tower: String, _ includesHead: Bool, _ space: JointSpace
    ) throws -> Tensor? {
        guard !items.isEmpty else { return nil }
        return includesHead ? try space.embed(items, as: tower) : try space.features(items, as: tower)
    }
}
