import BinderyBinding
import BinderyLayers
import Foundation

/// Text towers that transformers' configurations describe, as ours describe them.
extension JointSpace.Plan.Tower {
    /// The tokenizer files that a published folder may hold.
    static let tokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
        "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt", "spiece.model",
    ]

    /// BERT or RoBERTa; `pooling` is one of the encoder's words, `limit` the most tokens beside the position table.
    static func bertText(
        _ config: Config, isRoberta: Bool, pooling: String, limit: Int?, projection: Projection.Kind = .none
    ) throws -> Self {
        let width = try config.integer("hidden_size", in: 1...65_536, or: 768)
        let positions = try config.integer("max_position_embeddings", in: 8...1 << 20, or: 512)
        let padding = try config.integer("pad_token_id", in: 0...1 << 20, or: isRoberta ? 1 : 0)
        let rows = positions - (isRoberta ? padding + 1 : 0)
        return Self(
            encoder: isRoberta ? "text/roberta" : "text/bert",
            config: [
                "vocabulary": .integer(try config.integer("vocab_size", in: 1...1 << 24, or: 30522)),
                "positions": .integer(positions), "padding": .integer(padding),
                "types": .integer(try config.integer("type_vocab_size", in: 0...1024, or: 2)),
                "width": .integer(width),
                "layers": .integer(try config.integer("num_hidden_layers", in: 0...1024, or: 12)),
                "heads": .integer(try config.integer("num_attention_heads", in: 1...1024, or: 12)),
                "hidden": .integer(try config.integer("intermediate_size", in: 1...262_144, or: 3072)),
                "epsilon": .number(try config.number("layer_norm_eps", in: 0...1, or: 1e-12)),
                "activation": .text(try config.activation("hidden_act", or: .gelu).rawValue),
                "pooling": .text(pooling), "limit": .integer(max(min(limit ?? rows, rows), 4)),
            ], projection: projection)
    }
}

extension Config {
    /// The activation that the hub's word at `key` means; throws, listing ours, on one that is none of them.
    func activation(_ key: String, or fallback: Activation) throws(ConfigError) -> Activation {
        let word = try text(key, or: fallback.rawValue)
        guard let activation = Activation(hub: word) else {
            throw .wrong(key, "one of " + Activation.allCases.map(\.rawValue).joined(separator: ", "), .text(word))
        }
        return activation
    }
}

extension ModelFiles {
    /// The most tokens that the tokenizer's settings allow, where they name a number that can be meant.
    func longestText() throws -> Int? {
        try config("tokenizer_config.json")?["model_max_length"]?.asInteger.flatMap { (4...1 << 20) ~= $0 ? $0 : nil }
    }
}
