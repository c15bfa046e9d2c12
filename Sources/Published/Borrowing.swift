import BinderyBinding
import BinderyLayers
import Foundation

/// Vocabularies of models that were published without one, taken from the model that they come from.
extension Recognised {
    /// The same with the tokenizer files of the model that lent its vocabulary, where they lie among the pulled models
    /// (`models/<name>` below the working directory) or beside this one's folder, and with that model's name for those
    /// who have to look for them.
    func borrowingVocabulary(_ files: ModelFiles) throws -> Recognised {
        guard let tokenizer, let text = assets["text"] else { return self }
        var found = self
        found.assets["text"]?.origin = tokenizer
        guard text.names.isEmpty else { return found }
        for folder in files.lenders(of: tokenizer) {
            let borrowed = Assets(folder: folder, names: JointSpace.Plan.Tower.tokenizerFiles)
            guard !borrowed.names.isEmpty else { continue }
            found.assets["text"] = text.adding(borrowed)
            found.assets["text"]?.origin = tokenizer
            found.notes.append("the vocabulary is that of \(folder.path)")
            break
        }
        return found
    }
}

extension ModelFiles {
    /// Folders that may hold the vocabulary of the model `id`: the one of its name, and for CLIP's, which all of its
    /// sizes share, any CLIP.
    fileprivate func lenders(of id: String) -> [URL] {
        let name = String(id.split(separator: "/").last ?? "")
        let homes = [URL(filePath: "models"), folder.deletingLastPathComponent()]
        let named = homes.map { $0.appending(path: name) }
        guard id == KeyMap.clipVocabulary else { return named }
        return named
            + homes.flatMap { home in
                let inside = try? FileManager.default.contentsOfDirectory(at: home, includingPropertiesForKeys: nil)
                return (inside ?? []).filter { $0.path != folder.path && $0.isFolderOfCLIP }
                    .sorted { $0.path < $1.path }
            }
    }
}

extension URL {
    /// Whether a folder holds a CLIP as transformers saves it.
    fileprivate var isFolderOfCLIP: Bool {
        let config = try? Config(json: appending(path: "config.json"))
        return ["clip", "clip_text_model"].contains(config?["model_type"]?.asText)
    }
}

extension KeyMap {
    /// The model whose vocabulary every CLIP has.
    static let clipVocabulary = "openai/clip-vit-base-patch32"
}
