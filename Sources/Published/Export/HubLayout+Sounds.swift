import BinderyBinding
import BinderyLayers

extension HubLayout {
    /// HTSAT and RoBERTa, each with a head of two layers: `ClapModel`.
    static func clap(_ plan: JointSpace.Plan) throws -> HubLayout {
        let (audio, text) = try plan.towers(("audio", "audio/htsat"), ("text", "text/roberta"))
        try audio.demand(.mlp)
        try text.demand(.mlp)
        try text.demand(["causal": [false], "fill": [false], "unit": [false], "suffix": [""], "pooling": ["pooler"]])
        let pair = try plan.pair("audio", "text")
        guard pair.a == "audio", pair.bias == nil else { throw ExportError("its pair has a bias or begins with text") }
        let (sounds, extractor) = try audio.config.hubSounds()
        var words = try text.config.hubBlocks(width: 768, hidden: nil, activation: .gelu, epsilon: 1e-5)
        words["model_type"] = "clap_text_model"
        words["vocab_size"] = .integer(try text.config.integer("vocabulary", in: 1...1 << 24, or: 50265))
        words["max_position_embeddings"] = .integer(try text.config.integer("positions", in: 1...1 << 20, or: 514))
        words["type_vocab_size"] = .integer(try text.config.integer("types", in: 0...1024, or: 1))
        words["pad_token_id"] = .integer(try text.config.integer("padding", in: 0...1 << 24, or: 1))
        words["projection_dim"] = .integer(plan.width)
        words["projection_hidden_act"] = "relu"
        let config: Config = [
            "model_type": "clap", "architectures": ["ClapModel"], "dtype": "float32",
            "projection_dim": .integer(plan.width), "projection_hidden_act": "relu",
            "text_config": .map(words),
            "audio_config": sounds.merging([
                "projection_dim": .integer(plan.width), "projection_hidden_act": "relu",
            ]),
        ]
        return HubLayout(
            family: "CLAP", config: config, preprocessor: extractor, keyMap: .laionCLAP, pair: ("audio", "text"))
    }
}

extension Config {
    /// HTSAT as a `ClapAudioConfig` and a `ClapFeatureExtractor` say it.
    fileprivate func hubSounds() throws -> (audio: Config, extractor: Config) {
        let features = self["features"] ?? .empty
        let width = try integer("width", in: 1...8192, or: 96)
        let depths = try integers("depths", in: 1...256, most: 8, or: [2, 2, 6, 2])
        let bins = try features.integer("bins", in: 1...1024, or: 64)
        let rate = try features.integer("rate", in: 1000...768_000, or: 48_000)
        let window = try features.integer("window", in: 16...65_536, or: 1024)
        let seconds = try number("seconds", in: 0.01...600, or: 10)
        let isFused = try bool("fusion", or: false)
        let activation: Activation = try choice("activation", or: .gelu)
        let isHTK = try features.text("scale", or: "slaney") == "htk"
        // The extractor takes other filters for fusion than without, and no others.
        guard isHTK == isFused, try features.bool("areaNormalised", or: !isFused) == !isFused else {
            throw ExportError("its mel filters are not those of ClapFeatureExtractor")
        }
        let patch = try integer("patch", in: 1...64, or: 4)
        let stride = Config.integer(try integer("stride", in: 1...64, or: patch))
        // The extractor counts samples with it, so whole seconds have to be a whole number.
        let length: Config = Int(exactly: seconds).map { .integer($0) } ?? .number(seconds)
        let fusion: Config = isFused ? "aff_2d" : .null
        let paddings = ["repeatpad": "repeatpad", "repeat": "repeat", "zeros": "pad"]
        guard let padding = paddings[try text("short", or: "repeatpad")] else {
            throw ExportError("short sounds stay short")
        }
        let audio: Config = [
            "model_type": "clap_audio_model", "spec_size": .integer(try integer("size", in: 8...4096, or: 256)),
            "num_mel_bins": .integer(bins), "patch_size": .integer(patch), "enable_fusion": .bool(isFused),
            "patch_stride": .list([stride, stride]),
            "patch_embeds_hidden_size": .integer(width), "depths": .list(depths.map { .integer($0) }),
            "hidden_size": .integer(width << max(depths.count - 1, 0)),
            "num_attention_heads": .list(
                try integers("heads", in: 1...1024, most: 8, or: [4, 8, 16, 32]).map { .integer($0) }),
            "num_hidden_layers": .integer(depths.count),
            "window_size": .integer(try integer("window", in: 1...64, or: 8)),
            "mlp_ratio": .number(try number("expansion", in: 0.01...64, or: 4)),
            "hidden_act": .text(activation.hubName),
            "layer_norm_eps": .number(try number("epsilon", in: 0...1, or: 1e-5)),
            "qkv_bias": .bool(try bool("bias", or: true)),
            "aff_block_r": .integer(try integer("fusionReduction", in: 1...64, or: 4)),
            "fusion_type": fusion,
        ]
        let extractor: Config = [
            "feature_extractor_type": "ClapFeatureExtractor", "feature_size": .integer(bins),
            "sampling_rate": .integer(rate),
            "hop_length": .integer(try features.integer("hop", in: 1...65_536, or: 480)),
            "fft_window_size": .integer(window), "nb_frequency_bins": .integer(window / 2 + 1),
            "frequency_min": .number(try features.number("low", in: 0...384_000, or: 50)),
            "frequency_max": .number(try features.number("high", in: 1...384_000, or: 14_000)),
            "max_length_s": length, "nb_max_samples": .integer(Int((seconds * Double(rate)).rounded())),
            "padding": .text(padding), "truncation": .text(isFused ? "fusion" : "rand_trunc"), "top_db": .null,
            "padding_side": "right", "padding_value": 0.0, "return_attention_mask": false,
        ]
        return (audio, extractor)
    }
}
