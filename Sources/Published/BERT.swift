import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// BERT, RoBERTa and XLM-RoBERTa as transformers saves them, and sentence encoders made of them (all-MiniLM-L6-v2).
    ///
    /// The sentence recipe beside the weights says how tokens become one vector and how long a text may be; without it
    /// the pooler does, where the file has one, and else the mean.
    static let bert = Family(name: "BERT") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "no model_type"
        guard ["bert", "roberta", "xlm-roberta"].contains(type) else { return .unlike("model_type is \(type)") }
        let checkpoint = try files.checkpoint()
        let pooling = try files.sentencePooling() ?? (checkpoint.hasPooler ? "pooler" : "mean")
        var tower = try JointSpace.Plan.Tower.bertText(
            config, isRoberta: type != "bert", pooling: pooling, limit: try files.sentenceLimit())
        if try files.normalizesSentences() { tower.config = tower.config.setting("unit", to: true) }
        let width = try config.integer("hidden_size", in: 1...65_536, or: 768)
        var map = KeyMap.bertText.below("text.", "")
        map.prefixes = ["bert.", "roberta."]
        map.ignoring += ["cls.*", "lm_head.*", "classifier.*", "qa_outputs.*"]
        if pooling != "pooler" { map.ignoring.append("pooler.*") }
        return .known(
            Recognised(
                family: "BERT", plan: JointSpace.Plan(width: width, towers: ["text": tower]), checkpoint: checkpoint,
                keyMap: map, assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["text"]))
    }
}

extension Checkpoint {
    fileprivate var hasPooler: Bool { names.contains { $0.hasSuffix("pooler.dense.weight") } }
}

extension ModelFiles {
    /// The pooling that sentence-transformers' files ask for, in the encoder's words; nil where there are none.
    fileprivate func sentencePooling() throws -> String? {
        if let modules = try config("modules.json")?.asList {
            for module in modules {
                let kind = module["type"]?.asText?.split(separator: ".").last.map(String.init) ?? ""
                guard ["Transformer", "Pooling", "Normalize"].contains(kind) else {
                    throw PublishedError.incomplete(url.path, family: "BERT", lacks: "support for its module \(kind)")
                }
            }
        }
        guard let config = try config("1_Pooling/config.json") else { return nil }
        let asked = (config.asMap ?? [:]).filter { $0.key.hasPrefix("pooling_mode_") && $0.value.asBool == true }.keys
        switch asked.sorted() {
        case ["pooling_mode_mean_tokens"]: return "mean"
        case ["pooling_mode_cls_token"]: return "first"
        case ["pooling_mode_lasttoken"]: return "last"
        default:
            throw PublishedError.incomplete(
                url.path, family: "BERT", lacks: "support for \(asked.sorted().joined(separator: " with "))")
        }
    }

    /// Whether sentence-transformers' files end in making vectors unit, so that a head sees unit vectors.
    fileprivate func normalizesSentences() throws -> Bool {
        try config("modules.json")?.asList?.contains { $0["type"]?.asText?.hasSuffix(".Normalize") == true } ?? false
    }

    /// The most tokens of a text: what sentence-transformers says, else what the tokenizer's settings say.
    fileprivate func sentenceLimit() throws -> Int? {
        if let limit = try config("sentence_bert_config.json")?["max_seq_length"]?.asInteger { return limit }
        return try longestText()
    }
}
