import BinderyBinding
import BinderyLayers

extension HubLayout {
    /// A vision Transformer with a class token and a causal text Transformer, each with a matrix: `CLIPModel`.
    static func clip(_ plan: JointSpace.Plan) throws -> HubLayout {
        let (image, text) = try plan.towers(("image", "image/vit"), ("text", "text/clip"))
        try image.demand(.matrix)
        try text.demand(.matrix)
        try image.demand([
            "class": [true], "registers": [0], "gated": [false], "attentionBias": [true], "normsFirst": [true],
            "pooling": ["class"], "patches": ["convolution"], "patchBias": [false], "layerScale": [],
            "keyBias": [true], "normsInside": [false], "order": ["before"], "rotary": [0],
        ])
        try text.demand(["causal": [true], "fill": [false], "unit": [false], "suffix": [""], "types": [0]])
        let pair = try plan.pair("image", "text")
        guard pair.bias == nil, pair.scaleBack == nil else { throw ExportError("its pair has a bias or two scales") }
        var words = try text.config.hubBlocks(
            width: 512, hidden: nil, activation: .quickGELU, epsilon: 1e-5)
        words["model_type"] = "clip_text_model"
        words["vocab_size"] = .integer(try text.config.integer("vocabulary", in: 1...1 << 24, or: 49408))
        words["max_position_embeddings"] = .integer(try text.config.integer("positions", in: 1...1 << 20, or: 77))
        words["projection_dim"] = .integer(plan.width)
        // transformers takes 2 for "the largest id", as OpenAI's code finds the end.
        switch try text.config.text("pooling", or: "largest") {
        case "largest": words["eos_token_id"] = 2
        case "end": words["eos_token_id"] = .integer(try text.config.integer("end", in: 0...1 << 24, or: 49407))
        case let other: throw ExportError("text/clip has pooling \(other)")
        }
        var pictures = try image.config.hubVision(activation: .gelu, epsilon: 1e-5)
        pictures["model_type"] = "clip_vision_model"
        pictures["projection_dim"] = .integer(plan.width)
        let config: Config = [
            "model_type": "clip", "architectures": ["CLIPModel"], "dtype": "float32",
            "projection_dim": .integer(plan.width), "text_config": .map(words), "vision_config": .map(pictures),
        ]
        let map = KeyMap([KeyMap.Rule("pairs.\(pair.name).log_scale", "logit_scale")]) + KeyMap.clip
        return HubLayout(
            family: "CLIP", config: config,
            preprocessor: try image.hubPixels("CLIPImageProcessor"), keyMap: map,
            pair: (pair.a, pair.b))
    }

    /// A vision Transformer that asks its patches, a text Transformer that looks both ways, a bias: `SiglipModel`.
    static func sigLIP(_ plan: JointSpace.Plan) throws -> HubLayout {
        let (image, text) = try plan.towers(("image", "image/vit"), ("text", "text/siglip"))
        try image.demand(.none)
        try text.demand(.linear)
        try image.demand([
            "class": [false], "registers": [0], "gated": [false], "attentionBias": [true], "normsFirst": [false],
            "pooling": ["head"], "patches": ["convolution"], "patchBias": [true], "layerScale": [],
            "keyBias": [true], "normsInside": [false], "order": ["before"], "rotary": [0],
        ])
        guard image.config["class"] != nil, image.config["normsFirst"] != nil, image.config["patchBias"] != nil else {
            throw ExportError("image/vit has a class token")
        }
        try text.demand([
            "causal": [false], "fill": [true], "unit": [false], "suffix": [""], "types": [0], "pooling": ["last"],
        ])
        let pair = try plan.pair("image", "text")
        guard pair.bias != nil else { throw ExportError("its pair has no bias") }
        var words = try text.config.hubBlocks(
            width: 768, hidden: nil, activation: .geluTanh, epsilon: 1e-6)
        words["model_type"] = "siglip_text_model"
        words["vocab_size"] = .integer(try text.config.integer("vocabulary", in: 1...1 << 24, or: 32000))
        words["max_position_embeddings"] = .integer(try text.config.integer("positions", in: 1...1 << 20, or: 64))
        words["projection_size"] = .integer(plan.width)
        var pictures = try image.config.hubVision(activation: .gelu, epsilon: 1e-5)
        pictures["model_type"] = "siglip_vision_model"
        let config: Config = [
            "model_type": "siglip", "architectures": ["SiglipModel"], "dtype": "float32",
            "text_config": .map(words), "vision_config": .map(pictures),
        ]
        let map =
            KeyMap(
                [("log_scale", "logit_scale"), ("bias", "logit_bias")].map { ours, theirs in
                    KeyMap.Rule("pairs.\(pair.name).\(ours)", theirs, .squeezed([0]))
                }) + KeyMap.sigLIP
        return HubLayout(
            family: "SigLIP", config: config,
            preprocessor: try image.hubPixels("SiglipImageProcessor"), keyMap: map,
            pair: (pair.a, pair.b))
    }
}

extension Config {
    /// A vision Transformer's sizes as transformers names them.
    fileprivate func hubVision(activation: Activation, epsilon: Double) throws -> [String: Config] {
        var keys = try hubBlocks(width: 768, hidden: nil, activation: activation, epsilon: epsilon)
        let size = try sides("size", or: 224)
        guard size.height == size.width else { throw ExportError("its pictures are not square") }
        keys["image_size"] = .integer(size.width)
        keys["patch_size"] = .integer(try integer("patch", in: 1...1024, or: 32))
        keys["num_channels"] = .integer(try integer("channels", in: 1...3, or: 3))
        return keys
    }

    /// Height and width at a key, which may be one number for both.
    fileprivate func sides(_ key: String, or fallback: Int) throws(ConfigError) -> (height: Int, width: Int) {
        guard self[key]?.asList != nil else {
            let side = try integer(key, in: 1...16_384, or: fallback)
            return (side, side)
        }
        let sides = try integers(key, in: 1...16_384, most: 2)
        return (sides.first ?? fallback, sides.last ?? fallback)
    }
}

extension JointSpace.Plan.Tower {
    /// What the tower does to pictures, as `preprocessor_config.json` says it.
    fileprivate func hubPixels(_ kind: String) throws -> Config {
        let side = try config.sides("size", or: 224).width
        let pixels = config["pixels"] ?? .empty
        let size = try pixels.sides("size", or: side)
        let resize = try pixels.text("resize", or: "shortest")
        var keys: [String: Config] = [
            "image_processor_type": .text(kind), "do_convert_rgb": true, "do_rescale": true, "do_normalize": true,
            "do_resize": .bool(resize != "none"),
            "rescale_factor": .number(try pixels.number("scale", in: 0...1e6, or: 1.0 / 255)),
        ]
        switch resize {
        case "shortest": keys["size"] = ["shortest_edge": .integer(size.height)]
        case "exact", "none": keys["size"] = ["height": .integer(size.height), "width": .integer(size.width)]
        default: throw ExportError("pictures are resized by the rule \(resize)")
        }
        let isCropped = pixels["crop"] != nil || (config["pixels"] == nil && resize == "shortest")
        keys["do_center_crop"] = .bool(isCropped)
        if isCropped {
            let crop = try pixels.sides("crop", or: side)
            keys["crop_size"] = ["height": .integer(crop.height), "width": .integer(crop.width)]
        }
        let kernels = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
        let kernel = try pixels.text("kernel", or: "bicubic")
        guard let code = kernels.firstIndex(of: kernel) else { throw ExportError("pictures are resized by \(kernel)") }
        keys["resample"] = .integer(code)
        let clip = PixelRule.clip
        keys["image_mean"] = .list(try pixels.numbers("mean", or: clip.mean).map { .number($0) })
        keys["image_std"] = .list(try pixels.numbers("deviation", or: clip.deviation).map { .number($0) })
        return .map(keys)
    }
}
