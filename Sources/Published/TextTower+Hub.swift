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

extension JointSpace.Plan.Tower {
    /// CLIP's text tower from a `text_config`; texts end where the configuration's end token stands, or, in folders
    /// older than that key, at the largest id.
    static func clipText(
        _ config: Config, limit: Int? = nil, projection: Projection.Kind = .matrix
    ) throws -> Self {
        var tower = try hubText("text/clip", config, limit: limit, .quickGELU, 1e-5, [512, 12, 8, 2048, 49408, 77])
        // 2 was written by mistake for years; it stands for the largest id.
        let end = try config.integer("eos_token_id", in: 0...1 << 24, or: 49407)
        tower.config = tower.config.setting("pooling", to: end == 2 ? "largest" : "end").setting(
            "end", to: .integer(end))
        tower.projection = projection
        return tower
    }

    /// SigLIP's text tower from a `text_config`; `tokenizer` is `siglip` or `siglip2`.
    static func sigLIPText(
        _ config: Config, limit: Int? = nil, tokenizer: String, padding: Int
    ) throws -> Self {
        var tower = try hubText("text/siglip", config, limit: limit, .geluTanh, 1e-6, [768, 12, 12, 3072, 32000, 64])
        tower.config = tower.config.setting("tokenizer", to: .text(tokenizer))
            .setting("padding", to: .integer(padding))
        tower.projection = .linear
        return tower
    }

    /// What both have in common; `base` holds width, layers, heads, hidden, vocabulary and positions where a file leaves
    /// out what its class has anyway.
    private static func hubText(
        _ encoder: String, _ config: Config, limit: Int?, _ activation: Activation, _ epsilon: Double, _ base: [Int]
    ) throws -> Self {
        let positions = try config.integer("max_position_embeddings", in: 4...1 << 20, or: base[5])
        return Self(
            encoder: encoder,
            config: [
                "width": .integer(try config.integer("hidden_size", in: 1...65_536, or: base[0])),
                "layers": .integer(try config.integer("num_hidden_layers", in: 0...1024, or: base[1])),
                "heads": .integer(try config.integer("num_attention_heads", in: 1...1024, or: base[2])),
                "hidden": .integer(try config.integer("intermediate_size", in: 1...262_144, or: base[3])),
                "vocabulary": .integer(try config.integer("vocab_size", in: 1...1 << 24, or: base[4])),
                "positions": .integer(positions), "limit": .integer(max(min(limit ?? positions, positions), 4)),
                "activation": .text(try config.activation("hidden_act", or: activation).rawValue),
                "epsilon": .number(try config.number("layer_norm_eps", in: 0...1, or: epsilon)),
            ])
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
