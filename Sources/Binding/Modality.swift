public import BinderyLayers
public import Foundation

/// A sense: its name, and the encoders that are known for it.
public struct Modality: Sendable {
    /// What an encoder is made from: its configuration, the place of its parameters, and the files that belong to it.
    public typealias Make = @Sendable (Config, Scope, Assets) throws -> any Encoder

    /// The word for it in commands and recipes.
    public let name: String
    /// How its things are looked at without a model; nil when it has no way.
    public private(set) var inspection: Inspection?
    private var makers: [String: Make] = [:]

    /// A modality without encoders yet.
    public init(_ name: String) { self.name = name }

    /// The same modality with one more kind of encoder.
    public func encoder(_ kind: String, _ make: @escaping Make) -> Modality {
        var modality = self
        modality.makers[kind] = make
        return modality
    }

    /// The same modality with a way to look at its things.
    public func inspected(by inspection: Inspection) -> Modality {
        var modality = self
        modality.inspection = inspection
        return modality
    }

    /// The kinds of encoders, sorted.
    public var kinds: [String] { makers.keys.sorted() }

    /// An encoder of the given kind; throws when there is none or when the configuration does not fit it.
    func make(_ kind: String, _ config: Config, _ scope: Scope, _ assets: Assets) throws -> any Encoder {
        guard let make = makers[kind] else {
            throw SpaceError.unknownEncoder("\(name)/\(kind)", known: kinds.map { "\(name)/\($0)" })
        }
        return try make(config, scope, assets)
    }
}

/// Files that an encoder needs beside its weights and that travel with a checkpoint, by name: `tokenizer.json`.
public struct Assets: Sendable {
    private var files: [String: @Sendable () throws -> Data]
    /// The model that has the files which are not here, by its name on the hub; nil when that is not known.
    public var origin: String?

    /// Files in memory.
    public init(_ files: [String: Data] = [:]) { self.files = files.mapValues { data in { data } } }

    /// The files of a folder that have one of the given names and at most `limit` bytes.
    public init(folder: URL, names: [String], limit: Int = 256 << 20) {
        files = [:]
        for name in names where !name.contains("/") && !name.contains("\\") {
            let url = folder.appending(path: name)
            guard FileManager.default.isReadableFile(atPath: url.path) else { continue }
            files[name] = {
                let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
                guard size <= limit else { throw ConfigError.tooLarge(url.path, size, limit) }
                return try Data(contentsOf: url)
            }
        }
    }

    /// The names, sorted.
    public var names: [String] { files.keys.sorted() }

    /// The contents of a file, nil when it is not among them.
    public subscript(_ name: String) -> Data? {
        get throws { try files[name]?() }
    }

    /// These files and those of `others`, which win where names are equal.
    public func adding(_ others: Assets) -> Assets {
        var assets = self
        assets.files.merge(others.files) { _, other in other }
        assets.origin = others.origin ?? origin
        return assets
    }
}
