import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// LAION-CLAP (Wu and others 2023) as transformers saves it: HTSAT, with or without feature fusion, and RoBERTa.
    static let laionCLAP = Family(name: "LAION-CLAP") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "no model_type"
        guard type == "clap" else { return .unlike("model_type is \(type)") }
        let width = try config.integer("projection_dim", in: 1...65_536, or: 512)
        guard try config.text("projection_hidden_act", or: "relu") == "relu" else {
            throw PublishedError.incomplete(files.url.path, family: "LAION-CLAP", lacks: "a projection with relu")
        }
        var audio = try JointSpace.Plan.Tower.hubHTSAT(
            config["audio_config"] ?? .empty, try files.preprocessor("feature_extractor"))
        audio.projection = .mlp
        let text = try JointSpace.Plan.Tower.bertText(
            (config["text_config"] ?? .empty).filledAsCLAPText, isRoberta: true, pooling: "pooler",
            limit: try files.longestText(), projection: .mlp)
        return .known(
            Recognised(
                family: "LAION-CLAP",
                plan: JointSpace.Plan(
                    width: width, towers: ["audio": audio, "text": text],
                    pairs: [.init("audio", "text", scale: 1 / 0.07, scaleBack: 1 / 0.07)]),
                checkpoint: try files.checkpoint(), keyMap: .laionCLAP,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["audio", "text"],
                notes: JointSpace.Plan.Tower.notes(ofHTSAT: audio)))
    }
}

extension JointSpace.Plan.Tower {
    /// HTSAT from a `ClapAudioConfig` and a `ClapFeatureExtractor`'s settings.
    fileprivate static func hubHTSAT(_ config: Config, _ extractor: Config?) throws -> Self {
        // What the extractor's class has where its settings say nothing is not what the published ones say.
        let heard = extractor ?? ["frequency_min": 50]
        let isFused = try config.bool("enable_fusion", or: false)
        if isFused, config["fusion_type"] == "channel_map" {
            throw ConfigError.wrong("fusion_type", "aff_2d", "channel_map")
        }
        let patch = try config.side("patch_size", or: 4)
        let stride = try config.side("patch_stride", or: 4)
        guard try config.bool("enable_patch_layer_norm", or: true), try config.bool("flatten_patch_embeds", or: true),
            try config.integer("patch_embed_input_channels", in: 1...64, or: 1) == 1
        else { throw ConfigError.inconsistent("audio_config: patches need one channel and a layer norm") }
        let rate = try heard.integer("sampling_rate", in: 1000...768_000, or: 48_000)
        let window = try heard.integer("fft_window_size", in: 16...65_536, or: 1024)
        var features: Config = [
            "rate": .integer(rate), "window": .integer(window),
            "hop": .integer(try heard.integer("hop_length", in: 1...65_536, or: 480)),
            "bins": .integer(
                try heard.integer(
                    "feature_size", in: 1...1024, or: config.integer("num_mel_bins", in: 1...1024, or: 64))),
            "low": .number(try heard.number("frequency_min", in: 0...384_000, or: 0)),
            "high": .number(try heard.number("frequency_max", in: 1...384_000, or: 14_000)),
        ]
        // The extractor takes other filters for fusion than without.
        let usesHTK = try extractor == nil ? isFused : heard.text("truncation", or: "fusion") == "fusion"
        if usesHTK { features = features.setting("scale", to: "htk").setting("areaNormalised", to: false) }
        let paddings = ["repeatpad": "repeatpad", "repeat": "repeat", "pad": "zeros"]
        let padding = try heard.text("padding", or: "repeatpad")
        guard let short = paddings[padding] else {
            throw ConfigError.wrong("padding", "repeatpad, repeat or pad", .text(padding))
        }
        let samples = try heard.integer("nb_max_samples", in: 1...600 * rate, or: 10 * rate)
        let seconds = try heard.number("max_length_s", in: 0.01...600, or: Double(samples) / Double(rate))
        let usual = [2, 2, 6, 2]
        return Self(
            encoder: "audio/htsat",
            config: [
                "features": features, "seconds": .number(seconds), "short": .text(short), "resampler": "librosa",
                "size": .integer(try config.integer("spec_size", in: 8...4096, or: 256)), "patch": .integer(patch),
                "stride": .integer(stride),
                "width": .integer(try config.integer("patch_embeds_hidden_size", in: 1...8192, or: 96)),
                "depths": .list(try config.integers("depths", in: 1...256, most: 8, or: usual).map { .integer($0) }),
                "heads": .list(
                    try config.integers("num_attention_heads", in: 1...1024, most: 8, or: [4, 8, 16, 32])
                        .map { .integer($0) }),
                "window": .integer(try config.integer("window_size", in: 1...64, or: 8)),
                "expansion": .number(try config.number("mlp_ratio", in: 0.01...64, or: 4)),
                "activation": .text(try config.activation("hidden_act", or: .gelu).rawValue),
                "epsilon": .number(try config.number("layer_norm_eps", in: 0...1, or: 1e-5)),
                "bias": .bool(try config.bool("qkv_bias", or: true)), "fusion": .bool(isFused),
                "fusionReduction": .integer(try config.integer("aff_block_r", in: 1...64, or: 4)),
            ])
    }

    /// What Bindery does where the authors draw at random, for people.
    static func notes(ofHTSAT tower: Self) -> [String] {
        tower.config["fusion"]?.asBool == true
            ? ["longer sounds: the whole, shrunk, with close-ups from the middle of each third"]
            : ["longer sounds: windows side by side, their vectors averaged"]
    }
}

extension KeyMap {
    /// Towers, heads and scales as transformers spells them.
    static let laionCLAP: KeyMap = {
        let heads = [("audio", "audio_projection"), ("text", "text_projection")].map { ours, theirs in
            projections(ours, theirs, "linear1", "linear2")
        }
        return heads[0] + heads[1] + twoScales + hubHTSAT.below("audio.", "audio_model.audio_encoder.")
            + bertText.below("text.", "text_model.")
    }()

    /// A head of two layers with a ReLU between them.
    static func projections(_ tower: String, _ theirs: String, _ first: String, _ second: String) -> KeyMap {
        KeyMap([
            Rule("\(tower).projection.first.{kind}", "\(theirs).\(first).{kind}"),
            Rule("\(tower).projection.second.{kind}", "\(theirs).\(second).{kind}"),
        ])
    }

    /// LAION-CLAP's logarithms of its scales: rows of sounds, and rows of texts.
    static let twoScales = KeyMap([
        Rule("pairs.audio_text.log_scale", "logit_scale_a"), Rule("pairs.audio_text.log_scale_back", "logit_scale_t"),
    ])
}

extension Config {
    /// A whole number, or the first of a list of equal ones.
    fileprivate func side(_ key: String, or fallback: Int) throws(ConfigError) -> Int {
        guard self[key]?.asList != nil else { return try integer(key, in: 1...64, or: fallback) }
        let sides = try integers(key, in: 1...64, most: 2)
        guard let first = sides.first, Set(sides).count == 1 else {
            throw .wrong(key, "a number, or two equal ones", self[key] ?? .null)
        }
        return first
    }

    /// A `ClapTextConfig`, whose class has other defaults than BERT's.
    fileprivate var filledAsCLAPText: Config {
        let usual: [String: Config] = [
            "vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-12,
        ]
        return .map(usual.merging(asMap ?? [:]) { $1 == .null ? $0 : $1 })
    }
}
