import Bindery
import Foundation
import TestSupport

@testable import BinderyPublished

/// A small world that tests make for themselves: tones of three pitches as WAV files, their tables, a tiny BERT as the
/// hub lays it out, and a recipe of a few seconds.
struct World: Sendable {
    let folder: TemporaryFolder
    let tool: Tool

    /// Throws when something cannot be written; nil, with the reason printed, when the tool was not built.
    init?() throws {
        guard let tool = Tool() else { return nil }
        self.tool = tool
        folder = try TemporaryFolder()
        let files = FileManager.default
        try files.createDirectory(at: folder.file("audio"), withIntermediateDirectories: true)
        var rows = "path,label\n"
        for (label, pitch) in [("low", 200.0), ("middle", 700), ("high", 2500)] {
            for take in 0..<8 {
                let name = "audio/\(label)\(take).wav"
                try Wave.tone(seconds: 0.6, pitch: pitch * (1 + 0.02 * Double(take))).write(to: folder.file(name))
                rows += "\(name),\(label)\n"
            }
        }
        try Data(rows.utf8).write(to: folder.file("train.csv"))
        let classes = "label,phrase\nlow,a low tone\nmiddle,a tone between\nhigh,a high tone\n"
        try Data(classes.utf8).write(to: folder.file("classes.csv"))
        try Self.writeBERT(to: folder.file("bert"))
        try Data(Self.recipe(weights: folder.file("bert").path).utf8).write(to: folder.file("recipe.yaml"))
    }

    /// The arguments that train the recipe into `out`.
    func training(_ out: String, _ more: String...) -> [String] {
        ["train", path("recipe.yaml"), "--set", "data.root=\(folder.url.path)", "--out", path(out)]
            + more
    }

    func path(_ name: String) -> String { folder.file(name).path }

    /// Trains the recipe and returns the model's path.
    func trained(_ out: String = "run") throws -> String {
        let outcome = try tool(training(out, "--set", "training.epochs=2"))
        guard outcome.status == 0 else { throw Failure(errors: outcome.errors) }
        return path(out)
    }

    private struct Failure: Error { let errors: String }

    private static func writeBERT(to folder: URL) throws {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "low", "high", "tone", "between", "sound", "of",
        ]
        let config: Config = [
            "vocabulary": .integer(words.count), "width": 16, "layers": 1, "heads": 2, "hidden": 32, "positions": 16,
            "limit": 16, "pooling": "mean",
        ]
        let vocabulary = Data((words.joined(separator: "\n") + "\n").utf8)
        let plan = JointSpace.Plan(width: 16, towers: ["text": .init(encoder: "text/bert", config: config)])
        let space = try JointSpace(
            plan, modalities: Modalities.all, assets: ["text": Assets(["vocab.txt": vocabulary])])
        space.parameters.fill(seed: 1)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try vocabulary.write(to: folder.appending(path: "vocab.txt"))
        let weights = try KeyMap.bertText.below("text.", "").export(space.parameters.all.map { ($0.name, $0.value) })
        try Checkpoint.write(weights, to: folder.appending(path: "model.safetensors"))
        let hub = """
            {"model_type": "bert", "vocab_size": \(words.count), "hidden_size": 16, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2,
             "hidden_act": "gelu", "layer_norm_eps": 1e-12}
            """
        try Data(hub.utf8).write(to: folder.appending(path: "config.json"))
    }

    /// The tower of recipes that hears these sounds.
    static func ears(projection: String, dropout: Double) -> String {
        "{encoder: audio/cnn14, projection: \(projection), config: {widths: [4, 8, 16], seconds: 0.6, "
            + "features: {rate: 8000, window: 256, hop: 160, bins: 16, low: 50, high: 4000}, "
            + "dropout: \(dropout), headDropout: \(dropout)}}"
    }

    private static func recipe(weights: String) -> String {
        """
        space:
          width: 16
          towers:
            audio: \(ears(projection: "linear", dropout: 0.1))
            text:
              encoder: text/bert
              weights: \(weights)
              projection: linear
          pairs:
            - [audio, text]
        loss: infonce
        freeze: [text]
        unfreeze: [text.projection]
        data:
          train: train.csv
          classes: classes.csv
          columns: {audio: path}
          templates: ["{}", "a sound of {}"]
        training:
          seed: 0
          epochs: 40
          batch: 6
          rate: 1e-2
          augmentation:
            audio:
              shift: true
              timeStripes: {count: 1, below: 4}
        """
    }
}
