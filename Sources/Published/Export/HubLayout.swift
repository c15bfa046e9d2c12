import BinderyBinding
import BinderyLayers

/// What a space is called and configured in transformers' layout of a folder.
struct HubLayout {
    /// The family, for people.
    let family: String
    /// `config.json`.
    let config: Config
    /// `preprocessor_config.json`.
    let preprocessor: Config
    /// From transformers' names to ours; export goes the other way.
    let keyMap: KeyMap
    /// The pair whose scale the file holds.
    let pair: (String, String)

    /// The layout of a space that has the shape of CLIP, SigLIP or CLAP.
    ///
    /// Throws, saying what each of them lacks, when it has none of these shapes.
    static func of(_ plan: JointSpace.Plan) throws -> HubLayout {
        var reasons: [(family: String, reason: String)] = []
        for (name, layout) in [("CLIP", clip), ("SigLIP", sigLIP), ("CLAP", clap)] {
            do { return try layout(plan) } catch let error as ExportError {
                reasons.append((name, error.reason))
            }
        }
        throw PublishedError.noLayout(reasons)
    }
}

/// Why a space does not have a published shape.
struct ExportError: Error {
    /// A clause.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension JointSpace.Plan {
    /// The two towers of a space that has no others, when their encoders are these.
    func towers(_ a: (String, String), _ b: (String, String)) throws -> (Tower, Tower) {
        guard Set(towers.keys) == [a.0, b.0], let first = towers[a.0], let second = towers[b.0] else {
            throw ExportError("its towers are \(towers.keys.sorted().joined(separator: ", ")), not \(a.0) and \(b.0)")
        }
        for (tower, encoder) in [(first, a.1), (second, b.1)] where tower.encoder != encoder {
            throw ExportError("it has \(tower.encoder) for \(encoder)")
        }
        return (first, second)
    }

    /// The pair of two towers, whichever way round.
    func pair(_ a: String, _ b: String) throws -> Pair {
        guard let pair = pairs.first(where: { [$0.a, $0.b] == [a, b] || [$0.a, $0.b] == [b, a] }) else {
            throw ExportError("it has no pair \(a)–\(b)")
        }
        return pair
    }
}

extension JointSpace.Plan.Tower {
    /// Throws unless the keys have these values, where a missing key counts as its first value.
    func demand(_ values: [String: [Config]]) throws {
        for (key, allowed) in values.sorted(by: { $0.key < $1.key }) {
            guard let found = config[key] else { continue }
            guard allowed.contains(found) else { throw ExportError("\(encoder) has \(key) \(found.summary)") }
        }
    }

    /// Throws unless the head is of this kind.
    func demand(_ projection: Projection.Kind) throws {
        guard self.projection == projection else {
            throw ExportError("\(encoder) has the head \(self.projection.rawValue), not \(projection.rawValue)")
        }
    }
}

extension Config {
    /// The sizes of blocks as transformers names them; `usual` is what our encoder has where a key is missing.
    func hubBlocks(width: Int, layers: Int = 12, hidden: Int?, activation: Activation, epsilon: Double) throws
        -> [String: Config]
    {
        let width = try integer("width", in: 1...65_536, or: width)
        let kind: Activation = try choice("activation", or: activation)
        return [
            "hidden_size": .integer(width),
            "num_hidden_layers": .integer(try integer("layers", in: 0...1024, or: layers)),
            "num_attention_heads": .integer(try integer("heads", in: 1...1024, or: max(width / 64, 1))),
            "intermediate_size": .integer(try integer("hidden", in: 1...262_144, or: hidden ?? 4 * width)),
            "hidden_act": .text(kind.hubName),
            "layer_norm_eps": .number(try number("epsilon", in: 0...1, or: epsilon)),
        ]
    }

    /// The keys of both, those of `other` where both have one.
    func merging(_ other: [String: Config]) -> Config { .map((asMap ?? [:]).merging(other) { $1 }) }
}

extension Activation {
    /// The word that transformers uses.
    var hubName: String {
        switch self {
        case .geluTanh: "gelu_pytorch_tanh"
        case .identity: "linear"
        default: rawValue
        }
    }
}
