public import Foundation

/// What a folder that was pulled says of itself: the file `.pulled.json`, written last.
public struct Pulled: Codable, Sendable {
    /// One file.
    public struct File: Codable, Hashable, Sendable {
        /// Bytes.
        public var size: Int
        /// The hash that it was checked against, where the hub gave one.
        public var hash: String?
    }

    /// The model's name on the hub.
    public var id: String
    /// The revision that was asked for.
    public var revision: String
    /// The commit that it stood for.
    public var commit: String?
    /// The hub.
    public var endpoint: String
    /// The files by name.
    public var files: [String: File]

    private static let name = ".pulled.json"

    /// What the folder says; nil when it says nothing, or when a file of it is not there as a whole.
    public init?(_ folder: URL) {
        guard let data = try? Data(contentsOf: folder.appending(path: Self.name)), data.count < 16 << 20,
            let found = try? JSONDecoder().decode(Pulled.self, from: data)
        else { return nil }
        self = found
        let isWhole = files.allSatisfy { name, file in HubFile.size(of: folder.appending(path: name)) == file.size }
        guard isWhole else { return nil }
    }

    init(id: String, revision: String, commit: String?, endpoint: String, files: [String: File]) {
        (self.id, self.revision, self.commit, self.endpoint, self.files) = (id, revision, commit, endpoint, files)
    }

    func write(to folder: URL) throws(HubError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let url = folder.appending(path: Self.name)
        do { try encoder.encode(self).write(to: url, options: .atomic) } catch {
            throw .disk(url.path, reason: error.localizedDescription)
        }
    }

    /// The name of the model in a folder whose pull was begun, whole or not.
    static func owner(of folder: URL) -> String? {
        guard let data = try? Data(contentsOf: folder.appending(path: name)), data.count < 16 << 20 else { return nil }
        return (try? JSONDecoder().decode(Pulled.self, from: data))?.id
    }

    /// Where a model goes unless told otherwise: `models/<name>` below the working directory.
    public static func usualFolder(_ id: HubID) -> URL { URL(filePath: "models").appending(path: id.name) }

    /// The folder that a person means by `model`: a path as it is, or the name of a model that was pulled to its usual
    /// folder.
    ///
    /// A path that exists wins.
    public static func url(of model: String) -> URL {
        let path = URL(filePath: model)
        guard !FileManager.default.fileExists(atPath: path.path), let id = try? HubID(model) else { return path }
        let folder = usualFolder(id)
        return Pulled.owner(of: folder) == id.description ? folder : path
    }
}

extension HubFile {
    /// The length of a file on disk; nil when there is none.
    static func size(of url: URL) -> Int? {
        // URLs keep what they once read of a file.
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes?[.size] as? NSNumber)?.intValue
    }
}
