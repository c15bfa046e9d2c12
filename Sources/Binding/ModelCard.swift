public import BinderyLayers
import BinderyTensors
public import Foundation

/// What `config.json` of a model of ours says: enough to build the space, and whose it is.
public struct ModelCard: Codable, Sendable {
    /// The version of this layout.
    public var format = 1
    /// Towers, heads, pairs.
    public var space: JointSpace.Plan
    /// The files below `assets/<tower>/`, by tower.
    public var assets: [String: [String]]
    /// The hash of weights, plan and assets.
    public var fingerprint: String
    /// The towers whose encoders training left alone.
    public var frozen: [String]
    /// For people: what it was trained with, licences of what it was made from.
    public var notes: [String]

    /// Reads the value of the key `bindery`; throws when it is of a later format or malformed.
    public init(_ config: Config) throws {
        let format = try config.integer("format", in: 1...1_000_000)
        guard format == 1 else {
            throw ConfigError.inconsistent("the model has format \(format), written by a later version; update bindery")
        }
        do {
            self = try JSONDecoder().decode(ModelCard.self, from: JSONEncoder().encode(config))
        } catch let error as DecodingError {
            throw ConfigError.inconsistent("config.json: \(error.sentence)")
        }
    }

    fileprivate init(space: JointSpace, fingerprint: Fingerprint, frozen: [String], notes: [String]) {
        self.space = space.plan
        assets = space.assets.mapValues(\.names)
        self.fingerprint = fingerprint.description
        self.frozen = frozen
        self.notes = notes
    }
}

extension DecodingError {
    /// The place and the reason in words.
    package var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "\((context.codingPath + [key]).dotted) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.dotted) has the wrong type"
        case .dataCorrupted(let context): "\(context.codingPath.dotted) cannot be read: \(context.debugDescription)"
        @unknown default: "it cannot be read"
        }
    }
}

extension [any CodingKey] {
    /// The path with dots, "the top" when empty.
    package var dotted: String { isEmpty ? "the top" : map(\.stringValue).joined(separator: ".") }
}

extension JointSpace {
    /// The hash of everything that decides the vectors: every parameter, the plan, the assets.
    public func fingerprint() throws -> Fingerprint {
        var hash = Fingerprint.Hash()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        hash.add(try encoder.encode(plan))
        for parameter in parameters.all.sorted(by: { $0.name < $1.name }) {
            hash.add(Data(parameter.name.utf8))
            parameter.value.read { hash.add(UnsafeRawBufferPointer($0)) }
        }
        for (tower, assets) in assets.sorted(by: { $0.key < $1.key }) {
            for name in assets.names {
                hash.add(Data("\(tower)/\(name)".utf8))
                hash.add(try assets[name] ?? Data())
            }
        }
        return hash.finish()
    }

    /// Writes the model into `folder`: assets and weights first, `config.json` last, each file whole or not at all.
    ///
    /// A folder without `config.json` is a model that was never finished.
    public func write(to folder: URL, frozen: [String] = [], notes: [String] = []) throws {
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        for (tower, assets) in assets.sorted(by: { $0.key < $1.key }) {
            let place = folder.appending(path: "assets/\(tower)")
            try files.createDirectory(at: place, withIntermediateDirectories: true)
            for name in assets.names {
                try assets[name]?.write(to: place.appending(path: name), options: .atomic)
            }
        }
        try Checkpoint.write(
            parameters.all.map { ($0.name, $0.value) }, metadata: ["format": "pt"],
            to: folder.appending(path: "model.safetensors"))
        let card = try ModelCard(space: self, fingerprint: fingerprint(), frozen: frozen, notes: notes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(["bindery": card]).write(to: folder.appending(path: "config.json"), options: .atomic)
    }
}
