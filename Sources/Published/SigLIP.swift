import BinderyBinding
import BinderyLayers

extension Family {
    /// SigLIP (Zhai and others 2023) as transformers saves it, which is also how SigLIP 2 of fixed resolution is saved; and
    /// SigLIP 2 of any resolution (NaFlex, Tschannen and others 2025).
    static let sigLIP = Family(name: "SigLIP") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "absent"
        let isFlexible = type.hasPrefix("siglip2")
        let alone = [
            "siglip_vision_model": "image", "siglip_text_model": "text", "siglip2_vision_model": "image",
            "siglip2_text_model": "text",
        ]
        if let tower = alone[type] {
            return .known(try files.oneTowerOfSigLIP(config, tower, isSecond: isFlexible))
        }
        guard ["siglip", "siglip2"].contains(type) else { return .unlike("model_type is \(type)") }
        let vision = config["vision_config"] ?? .empty
        let text = config["text_config"] ?? .empty
        let checkpoint = try files.checkpoint()
        let image: JointSpace.Plan.Tower = try isFlexible ? .naFlex(vision, files) : .sigLIPVision(vision, files)
        let plan = JointSpace.Plan(
            width: try image.config.integer("width", in: 1...65_536),
            towers: ["image": image, "text": try files.sigLIPText(text, isSecond: isFlexible)],
            pairs: [JointSpace.Plan.Pair("image", "text", scale: 10, most: nil, bias: -10)])
        let map = KeyMap.logits("image_text", in: checkpoint) + .sigLIP
        return .known(
            Recognised(
                family: isFlexible ? "SigLIP 2" : "SigLIP", plan: plan, checkpoint: checkpoint, keyMap: map,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["image", "text"]))
    }
}

extension ModelFiles {
    /// A tower that was saved alone, by newer versions without a word before its names.
    fileprivate func oneTowerOfSigLIP(_ config: Config, _ name: String, isSecond: Bool) throws -> Recognised {
        let checkpoint = try checkpoint()
        let tower: JointSpace.Plan.Tower
        if name == "text" {
            tower = try sigLIPText(config, isSecond: isSecond)
        } else {
            tower = try isSecond ? .naFlex(config, self) : .sigLIPVision(config, self)
        }
        let usual = try config.integer("hidden_size", in: 1...65_536, or: 768)
        let width = try name == "image" ? usual : config.integer("projection_size", in: 1...65_536, or: usual)
        let isBare = !checkpoint.names.contains { $0.hasPrefix("vision_model.") || $0.hasPrefix("text_model.") }
        let bare =
            name == "image"
            ? KeyMap.hubVision.below("image.", "")
            : KeyMap([KeyMap.Rule("text.projection.{kind}", "head.{kind}")]) + KeyMap.hubText.below("text.", "")
        return Recognised(
            family: isSecond ? "SigLIP 2" : "SigLIP", plan: JointSpace.Plan(width: width, towers: [name: tower]),
            checkpoint: checkpoint, keyMap: isBare ? bare : .sigLIP,
            assets: name == "text" ? ["text": assets(JointSpace.Plan.Tower.tokenizerFiles)] : [:], frozen: [name])
    }
}

extension KeyMap {
    /// SigLIP's two towers and the head of the text's as transformers spells them.
    static let sigLIP =
        KeyMap([Rule("text.projection.{kind}", "text_model.head.{kind}")])
        + hubVision.below("image.", "vision_model.") + hubText.below("text.", "text_model.")
}

extension ModelFiles {
    /// The text tower; the tokenizer's settings name one of the two, or else SigLIP 2 brings Gemma's vocabulary, which no
    /// `spiece.model` of a few megabytes holds.
    fileprivate func sigLIPText(_ config: Config, isSecond: Bool) throws -> JointSpace.Plan.Tower {
        let rows = try config.integer("vocab_size", in: 1...1 << 24, or: 32000)
        let isGemma: Bool
        switch try self.config("tokenizer_config.json")?["tokenizer_class"] {
        case "SiglipTokenizer": isGemma = false
        case "Siglip2Tokenizer": isGemma = true
        default: isGemma = isSecond || rows >= 200_000
        }
        return try .sigLIPText(
            config, limit: longestText(), tokenizer: isGemma ? "siglip2" : "siglip", padding: isGemma ? 0 : 1)
    }
}

extension JointSpace.Plan.Tower {
    /// SigLIP 2's vision tower for pictures of any proportions, from a `vision_config`.
    fileprivate static func naFlex(_ config: Config, _ files: ModelFiles) throws -> Self {
        let patch = try config.patchSize(or: 16)
        let places = try config.integer("num_patches", in: 1...16_384, or: 256)
        let edge = Int(Double(places).squareRoot())
        guard edge * edge == places else { throw ConfigError.wrong("num_patches", "a square", .integer(places)) }
        let said = try files.preprocessor("image_processor") ?? .empty
        var pixels = try files.pixels(.sigLIP, size: [edge * patch, edge * patch])
        pixels = pixels.setting("resize", to: "patches").setting("patch", to: .integer(patch))
            .setting("patches", to: .integer(try said.integer("max_num_patches", in: 1...16_384, or: 256)))
            .setting("crop", to: .null)
        if said["resample"] == nil { pixels = pixels.setting("kernel", to: "bilinear") }
        var base = VisionBase(width: 768, hidden: 3072, patch: patch, activation: .geluTanh, epsilon: 1e-6)
        base.extras = [
            "size": .integer(edge * patch), "patches": "linear", "normsFirst": false, "class": false,
            "interpolation": "bilinear_antialiased",
            "pooling": try config.bool("vision_use_head", or: true) ? "head" : "mean",
        ]
        return try hubVision(config, base, pixels: pixels, .none)
    }
}
