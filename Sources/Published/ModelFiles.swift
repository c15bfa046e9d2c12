import BinderyBinding
import BinderyLayers
import Foundation

/// The files of a model on disk, opened as they are asked for.
struct ModelFiles: Sendable {
    /// What the user named: a folder or a file.
    let url: URL
    /// The folder that the files lie in.
    let folder: URL
    /// The weights.
    let weights: URL
    /// Where tokenizer files are looked for besides the folder.
    let tokenizer: URL?

    /// Names under which folders hold their weights, the best first.
    private static let names = [
        "model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors", "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        "open_clip_pytorch_model.bin",
    ]

    init(_ url: URL, tokenizer: URL?) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw PublishedError.notThere(url.path)
        }
        if let tokenizer, !FileManager.default.fileExists(atPath: tokenizer.path) {
            throw PublishedError.noTokenizer(tokenizer.path)
        }
        self.url = url
        self.tokenizer = tokenizer
        guard isFolder.boolValue else {
            folder = url.deletingLastPathComponent()
            weights = url
            return
        }
        folder = url
        let named = Self.names.map { url.appending(path: $0) }
        let listed = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
            .filter { ["safetensors", "pt", "pth", "bin"].contains($0.pathExtension) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let found = named.first { FileManager.default.fileExists(atPath: $0.path) } ?? listed.first
        guard let found else { throw PublishedError.noWeights(url.path) }
        weights = found
    }

    /// Whether a file lies in the folder.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: name).path) }

    /// A JSON file of the folder, nil when it is not there; throws when it is broken.
    func config(_ name: String = "config.json") throws -> Config? {
        has(name) ? try Config(json: folder.appending(path: name)) : nil
    }

    func checkpoint() throws -> Checkpoint { try Checkpoint(contentsOf: weights) }

    /// The files among `names` that lie in the folder, in a folder `tokenizer` of it, or where the user said tokenizers are.
    func assets(_ names: [String]) -> Assets {
        let own = Assets(folder: folder, names: names)
            .adding(Assets(folder: folder.appending(path: "tokenizer"), names: names))
        guard let tokenizer else { return own }
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: tokenizer.path, isDirectory: &isFolder)
        return isFolder.boolValue
            ? own.adding(Assets(folder: tokenizer, names: names))
            : own.adding(Assets(folder: tokenizer.deletingLastPathComponent(), names: [tokenizer.lastPathComponent]))
    }
}
