import BinderyBinding
import BinderyLayers

extension JointSpace.Plan.Tower {
    /// The text tower from a `text_cfg`.
    static func openText(_ config: Config, _ layout: OpenLayout, _ activation: Activation) throws -> Self {
        let width = try config.integer("width", in: 1...65_536, or: 512)
        let ratio = try config.number("mlp_ratio", in: 0.01...64, or: 4)
        let length = try config.integer("context_length", in: 4...1 << 20, or: 77)
        let pool = try config.text("pool_type", or: "argmax")
        let pooling = ["argmax": "largest", "first": "first", "last": "last", "eos": "end"]
        guard let word = pooling[pool] else {
            throw ConfigError.wrong("pool_type", "one of argmax, first, last, eos", .text(pool))
        }
        var activation = activation
        try activation.read(config["act_kwargs"])
        let isCausal = try !config.bool("no_causal_mask", or: false)
        // CoCa's token stands behind the text, whatever the pooling is said to be.
        let isAdded = try config.bool("embed_cls", or: false)
        let vocabulary = try OpenVocabulary(config)
        var keys: [String: Config] = [
            "vocabulary": .integer(try config.integer("vocab_size", in: 1...1 << 24, or: 49408)),
            "positions": .integer(isAdded ? length + 1 : length), "limit": .integer(length), "width": .integer(width),
            "layers": .integer(try config.integer("layers", in: 0...1024, or: 12)),
            "heads": .integer(try config.integer("heads", in: 1...1024, or: 8)),
            "hidden": .integer(max(Int(Double(width) * ratio), 1)), "activation": .text(activation.rawValue),
            "epsilon": .number(try config.openEpsilon()), "causal": .bool(isCausal),
            // Whatever sees the whole row sees its padding, too.
            "fill": .bool(!isAdded && (!isCausal || pool == "last")), "pooling": isAdded ? "added" : .text(word),
            "padding": .integer(
                try config.integer("pad_id", in: 0...1 << 24, or: vocabulary.padding)),
            "end": .integer(try config.integer("eos_id", in: 0...1 << 24, or: 49407)),
            "tokenizer": .text(vocabulary.kind),
        ]
        if let clean = vocabulary.clean { keys["clean"] = .text(clean) }
        if let blank = vocabulary.blank { keys["blank"] = .integer(blank) }
        if config["ls_init_value"] != nil {
            keys["layerScale"] = .number(try config.number("ls_init_value", in: -1e6...1e6))
        }
        return Self(encoder: "text/clip", config: .map(keys), projection: layout.textHead)
    }
}

extension Activation {
    /// Takes the options of open_clip's activation into account; throws on one that is not known.
    mutating func read(_ options: Config?) throws(ConfigError) {
        switch options?["approximate"] {
        case nil, "none": break
        case "tanh": self = .geluTanh
        case let other?: throw .wrong("act_kwargs.approximate", "tanh", other)
        }
    }
}

/// The vocabulary of an open_clip text tower, as its `hf_tokenizer_name` tells it.
struct OpenVocabulary {
    /// The encoder's word for it.
    let kind: String
    /// What fills texts up.
    var padding = 0
    /// What is done to texts first; nil where the vocabulary does it.
    var clean: String?
    /// What gives way to the padding.
    var blank: Int?

    init(_ config: Config) throws {
        let name = try config.text("hf_tokenizer_name", or: "").lowercased()
        guard !name.isEmpty else {
            kind = "clip_openclip"
            return
        }
        let options = config["tokenizer_kwargs"] ?? .empty
        clean = try Self.cleaning(config)
        if name.contains("siglip") {
            // SigLIP 2 brings Gemma's vocabulary, whose padding is 0.
            let isGemma = try config.integer("vocab_size", in: 1...1 << 24, or: 32_000) >= 200_000
            (kind, padding) = (isGemma ? "siglip2" : "siglip", isGemma ? 0 : 1)
        } else if name.contains("bert-") && !name.contains("roberta") {
            kind = "wordpiece"
            // BERT's separator has one number in all of its vocabularies.
            if try options.bool("strip_sep_token", or: false) { blank = 102 }
        } else {
            (kind, padding) = ("roberta", 1)
        }
    }

    /// The encoder's word for what a `text_cfg` does to texts first.
    static func cleaning(_ config: Config) throws -> String {
        let words = ["whitespace": "whitespace", "lower": "lower", "canonicalize": "canonical"]
        let word = try (config["tokenizer_kwargs"] ?? .empty).text("clean", or: "whitespace")
        guard let known = words[word] else {
            throw ConfigError.wrong("clean", "one of whitespace, lower, canonicalize", .text(word))
        }
        return known
    }
}

extension String {
    /// The model on the hub that has the vocabulary of an open_clip text tower.
    static func openVocabulary(_ config: Config) -> String {
        config["hf_tokenizer_name"]?.asText ?? KeyMap.clipVocabulary
    }
}
