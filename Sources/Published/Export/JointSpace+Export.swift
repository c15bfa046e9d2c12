public import BinderyBinding
import BinderyLayers
public import Foundation

extension JointSpace {
    /// Writes the space as transformers opens it: `config.json`, `model.safetensors`, `preprocessor_config.json` and the
    /// tokenizer's files; returns the family's name and what a person should know.
    ///
    /// Throws when the space has none of the shapes that transformers knows (CLIP, SigLIP, CLAP).
    public func export(to folder: URL) throws -> (family: String, notes: [String]) {
        let layout = try HubLayout.of(plan)
        var tensors = parameters.all.map { ($0.name, $0.value) }
        let scales = tensors.filter { $0.0.isUnder("pairs") }.map(\.0)
        // One scale for both directions stands there twice in a CLAP.
        if layout.family == "CLAP", !scales.contains(where: { $0.hasSuffix("log_scale_back") }),
            let scale = tensors.first(where: { $0.0.hasSuffix(".log_scale") })
        {
            tensors.append((scale.0 + "_back", scale.1))
        }
        let named = try layout.keyMap.export(tensors)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = assets["text"] ?? Assets()
        for name in files.names {
            try files[name]?.write(to: folder.appending(path: name), options: .atomic)
        }
        try Checkpoint.write(named, metadata: ["format": "pt"], to: folder.appending(path: "model.safetensors"))
        for (name, config) in [("preprocessor_config.json", layout.preprocessor), ("config.json", layout.config)] {
            try Data((config.json() + "\n").utf8).write(to: folder.appending(path: name), options: .atomic)
        }
        let readable = ["tokenizer.json", "vocab.json", "spiece.model"]
        let notes =
            files.names.contains(where: readable.contains)
            ? [] : ["there is no tokenizer.json among its files; transformers will want one beside the weights"]
        return (layout.family, notes)
    }
}
