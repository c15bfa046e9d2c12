import BinderyBinding
import BinderyLayers
import Foundation

/// A text tower that open_clip takes from transformers: BERT, RoBERTa or XLM-RoBERTa below `text.transformer.`, and a head
/// of one matrix or two.
struct OpenHubText {
    let tower: JointSpace.Plan.Tower
    let map: KeyMap
    /// Whose vocabulary it has.
    let origin: String

    /// Reads a `text_cfg` with `hf_model_name`; what transformers' own configuration would say, names and shapes do.
    ///
    /// Throws when the tower is none of those families, or when its pooling or its head is not known.
    init(_ config: Config, _ layout: OpenLayout, _ files: ModelFiles) throws {
        let name = try config.text("hf_model_name")
        func lack(_ what: String) -> PublishedError {
            .incomplete(files.url.path, family: "OpenCLIP", lacks: what)
        }
        let shapes = FileShapes(layout.checkpoint, below: "text.transformer.", prefixes: ["module."])
        let isRoberta = name.lowercased().contains("roberta")
        guard isRoberta || name.lowercased().contains("bert") || name.lowercased().contains("minilm") else {
            throw lack("support for its text tower \(name) (BERT, RoBERTa and XLM-RoBERTa are known)")
        }
        // Small BERTs have twelve narrow heads; all others have heads of 64.
        let heads = try config.integer("heads", in: 1...1024, or: name.lowercased().contains("minilm") ? 12 : 0)
        guard let bert = shapes.bert(heads: heads == 0 ? nil : heads) else {
            throw lack("the tensors of \(name) below text.transformer")
        }
        let words = ["mean_pooler": "mean", "cls_pooler": "pooler", "cls_last_hidden_state_pooler": "first"]
        let pooler = try config.text("hf_pooler_type", or: "mean_pooler")
        guard var pooling = words[pooler] else {
            throw ConfigError.wrong(
                "hf_pooler_type", "one of " + words.keys.sorted().joined(separator: ", "), .text(pooler))
        }
        // Without a pooler in the file its place takes the first token.
        if pooling == "pooler", shapes["pooler.dense.weight"] == nil { pooling = "first" }
        let head: Projection.Kind =
            layout.shape("text.proj.weight") != nil
            ? .matrix : layout.shape("text.proj.0.weight") != nil ? .gelu : .none
        var tower = try JointSpace.Plan.Tower.bertText(
            isRoberta ? bert.setting("layer_norm_eps", to: 1e-5) : bert, isRoberta: isRoberta, pooling: pooling,
            limit: try config.integer("context_length", in: 4...1 << 20, or: 77), projection: head)
        tower.config = tower.config.setting("clean", to: .text(try OpenVocabulary.cleaning(config)))
        self.tower = tower
        origin = try config.text("hf_tokenizer_name", or: name)
        var map = KeyMap.bertText.below("text.", "text.transformer.")
        map.rules += [
            KeyMap.Rule("text.projection.weight", "text.proj.weight"),
            KeyMap.Rule("text.projection.first.weight", "text.proj.0.weight"),
            KeyMap.Rule("text.projection.second.weight", "text.proj.2.weight"),
        ]
        if pooling != "pooler" { map.ignoring.append("text.transformer.pooler.*") }
        self.map = map
    }
}
