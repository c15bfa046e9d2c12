public import BinderyLayers
public import BinderyTensors

/// Encoders of several modalities with the heads that lead into one space, and the temperatures of their pairs.
///
/// CLAP is a space with one pair, ImageBind one with several pairs around images; a single encoder is a space of one
/// tower without pairs.
public struct JointSpace: Sendable {
    /// One encoder and its head.
    public struct Tower: Sendable {
        /// The word commands use for it.
        public let name: String
        /// The encoder.
        public let encoder: any Encoder
        /// The head.
        public let projection: Projection
        let parameters: Parameters

        /// Whether training leaves all of the encoder alone.
        public var isEncoderFrozen: Bool {
            parameters.under(name).allSatisfy { $0.isFrozen || $0.name.isUnder("\(name).projection") }
        }
    }

    /// What the space is made of.
    public let plan: Plan
    /// Every parameter and buffer, named `<tower>.…` and `pairs.<a>_<b>.…`.
    public let parameters: Parameters
    /// The files that belong to each tower.
    public let assets: [String: Assets]
    private let towers: [String: Tower]
    private let temperatures: [String: Temperature]

    /// Builds the space that `plan` describes; parameters are declared, and filled later.
    ///
    /// Throws when the plan names an unknown modality, encoder or tower, or a configuration does not fit its encoder.
    public init(_ plan: Plan, modalities: [Modality], assets: [String: Assets] = [:]) throws {
        try plan.verify()
        let parameters = Parameters()
        var towers: [String: Tower] = [:]
        for (name, tower) in plan.towers.sorted(by: { $0.key < $1.key }) {
            if let adapters = tower.adapters { parameters.adapt(name, adapters) }
            let scope = parameters.scope[name]
            let encoder = try tower.make(name, modalities, scope, assets[name] ?? Assets())
            if let adapters = tower.adapters, parameters.under("\(name).\(LowRank.name)").isEmpty {
                throw SpaceError.malformed(
                    "tower \(name) has no linear layer at \(adapters.paths.joined(separator: ", ")), where adapters should"
                        + " be; `bindery info` lists its parts")
            }
            if tower.projection == .none, encoder.width != plan.width {
                throw SpaceError.width(name, encoder.width, plan.width)
            }
            let projection = Projection(tower.projection, scope["projection"], from: encoder.width, to: plan.width)
            towers[name] = Tower(name: name, encoder: encoder, projection: projection, parameters: parameters)
        }
        self.plan = plan
        self.parameters = parameters
        self.assets = assets
        self.towers = towers
        let scope = parameters.scope["pairs"]
        temperatures = Dictionary(
            plan.pairs.map { ($0.name, Temperature(scope[$0.name], $0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names of the towers, sorted.
    public var names: [String] { towers.keys.sorted() }

    /// The tower for a modality; throws, listing those there are, when it has none.
    public func tower(_ name: String) throws -> Tower {
        guard let tower = towers[name] else { throw SpaceError.unknownTower(name, known: names) }
        return tower
    }

    /// The only modality besides `other`; throws, listing those there are, when there are several.
    public func onlyModality(besides other: String) throws -> String {
        let rest = names.filter { $0 != other }
        guard rest.count == 1 else {
            throw SpaceError.malformed("the model embeds \(names.joined(separator: ", ")); say which is meant (--as)")
        }
        return rest[0]
    }

    /// The temperature of a pair, whichever way round it is named.
    public func temperature(_ a: String, _ b: String) throws -> Temperature {
        guard let found = temperatures["\(a)_\(b)"] ?? temperatures["\(b)_\(a)"] else {
            throw SpaceError.noPair(a, b)
        }
        return found
    }

    /// scale · a bᵀ + bias for unit rows: [N, width] and [M, width] to [N, M].
    ///
    /// The rows' and the columns' towers stand in `pair`; some pairs have a scale of their own for each direction. A pair that was never trained together takes the plan's first pair's temperature: an emergent pair has none.
    public func logits(_ a: Tensor, _ b: Tensor, as pair: (String, String)) throws -> Tensor {
        let cosine = a.matmul(transposed: b)
        let own = try? temperature(pair.0, pair.1)
        guard let chosen = try own ?? plan.pairs.first.map({ try temperature($0.a, $0.b) }) else { return cosine }
        let isBackward = temperatures["\(pair.0)_\(pair.1)"] == nil && own != nil
        let scaled = cosine * (isBackward ? chosen.scaleBack : chosen.scale)
        return chosen.bias.map { scaled + $0() } ?? scaled
    }
}

extension JointSpace.Plan.Tower {
    fileprivate func make(
        _ name: String, _ modalities: [Modality], _ scope: Scope, _ assets: Assets
    ) throws -> any Encoder {
        let parts = encoder.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw SpaceError.malformed("tower \(name): encoder must be written modality/kind, not \"\(encoder)\"")
        }
        guard let modality = modalities.first(where: { $0.name == parts[0] }) else {
            throw SpaceError.unknownModality(parts[0], known: modalities.map(\.name))
        }
        do {
            return try modality.make(parts[1], config, scope, assets)
        } catch let error as SpaceError {
            throw error
        } catch {
            throw SpaceError.tower(name, error)
        }
    }
}
