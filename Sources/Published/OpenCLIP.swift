import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// open_clip's folders (Cherti and others 2023): a configuration of its own beside the weights.
    static let openCLIP = Family(name: "OpenCLIP") { files in
        guard let config = try files.config("open_clip_config.json") else { return .unlike("no open_clip_config.json") }
        guard let model = config["model_cfg"] else {
            throw PublishedError.incomplete(files.url.path, family: "OpenCLIP", lacks: "model_cfg in its configuration")
        }
        let checkpoint = try files.checkpoint()
        let layout = OpenLayout(checkpoint)
        let vision = model["vision_cfg"] ?? .empty
        let text = model["text_cfg"] ?? .empty
        let isQuick = try model.bool("quick_gelu", or: false)
        for key in ["use_pad_mask", "correct_cls_mask"] where ![nil, false].contains(text[key]) {
            throw PublishedError.incomplete(files.url.path, family: "OpenCLIP", lacks: "support for its \(key)")
        }
        let size = try vision.pictureSize()
        let pixels = try Config.openPixels(config["preprocess_cfg"] ?? .empty, size: size)
        let activation: Activation = isQuick ? .quickGELU : .gelu
        let image: JointSpace.Plan.Tower =
            if vision["timm_model_name"] != nil {
                try layout.shape("visual.trunk.stages.0.blocks.0.conv_dw.weight") == nil
                    ? .trunk(vision, layout, size: size, pixels: pixels, named: files.url.path)
                    : .convNeXt(vision, layout, size: size, pixels: pixels, named: files.url.path)
            } else if vision["layers"]?.asList != nil {
                try .openResNet(vision, model, size: size, pixels: pixels)
            } else {
                try .openVision(vision, model, layout, size: size, pixels: pixels, activation)
            }
        if text["hf_model_name"] != nil {
            let read = try OpenHubText(text, layout, files)
            return .known(
                layout.recognised(
                    "OpenCLIP", width: try model.integer("embed_dim", in: 1...65_536), image: image, text: read.tower,
                    read.map, from: read.origin, files))
        }
        return .known(
            layout.recognised(
                "OpenCLIP", width: try model.integer("embed_dim", in: 1...65_536), image: image,
                text: try .openText(text, layout, activation), from: .openVocabulary(text), files))
    }
}

/// Where the parts of a CLIP lie in a file of OpenAI's or open_clip's.
struct OpenLayout {
    let checkpoint: Checkpoint
    /// What stands before every name.
    let prefix: String
    /// What stands before the names of the text tower.
    let text: String

    init(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        prefix = checkpoint["module.logit_scale"] == nil ? "" : "module."
        text = checkpoint["\(prefix)text.token_embedding.weight"] == nil ? "" : "text."
    }

    /// The shape of a tensor, by its name without the prefix.
    func shape(_ name: String) -> [Int]? { checkpoint[prefix + name]?.shape }

    /// How many of the numbers 0, 1, 2 … name a tensor between two words.
    func count(_ before: String, _ after: String) -> Int {
        (0..<1024).first { shape("\(before)\($0)\(after)") == nil } ?? 1024
    }

    /// Whether the text head is a layer or a bare matrix.
    var textHead: Projection.Kind {
        if shape("\(text)text_projection.weight") != nil {
            return shape("\(text)text_projection.bias") == nil ? .matrix : .linear
        }
        return shape("\(text)text_projection") == nil ? .none : .matrix
    }

    /// The head of a vision Transformer; that of a residual network is part of its pool.
    var visionHead: Projection.Kind { shape("visual.proj") == nil ? .none : .matrix }

    /// The whole model.
    func recognised(
        _ family: String, width: Int, image: JointSpace.Plan.Tower, text: JointSpace.Plan.Tower,
        _ textMap: KeyMap? = nil, from vocabulary: String, _ files: ModelFiles
    ) -> Recognised {
        let bias: Double? = shape("logit_bias") == nil ? nil : -10
        var map =
            KeyMap.logits("image_text", in: checkpoint)
            + KeyMap([
                KeyMap.Rule("image.projection.weight", "visual.proj", .transposed),
                KeyMap.Rule("text.projection.{kind}", "\(self.text)text_projection.{kind}"),
                KeyMap.Rule("text.projection.weight", "\(self.text)text_projection", .transposed),
            ])
        let vision =
            switch image.encoder {
            case "image/resnet": KeyMap.openResNet.below("image.", "visual.")
            case "image/convnext": KeyMap.openConvNeXt
            default:
                shape("visual.trunk.patch_embed.proj.weight") == nil
                    ? KeyMap.openVision.below("image.", "visual.") : .openTrunk
            }
        map = map + vision
        map = map + (textMap ?? KeyMap.openText.below("text.", self.text))
        // Scripted archives keep these numbers among the weights.
        map.ignoring += ["input_resolution", "context_length", "vocab_size", "attn_mask"]
        // CoCa's decoder writes texts.
        map.ignoring.append("text_decoder.*")
        map.prefixes = ["module."]
        let plan = JointSpace.Plan(
            width: width, towers: ["image": image, "text": text],
            pairs: [JointSpace.Plan.Pair("image", "text", most: bias == nil ? 100 : nil, bias: bias)])
        return Recognised(
            family: family, plan: plan, checkpoint: checkpoint, keyMap: map,
            assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)],
            tokenizer: vocabulary,
            frozen: ["image", "text"],
            notes: shape("text_decoder.ln_final.weight") == nil ? [] : ["the decoder that writes texts is left out"])
    }
}

extension JointSpace.Plan.Tower {
    /// A vision Transformer from a `vision_cfg`.
    fileprivate static func openVision(
        _ config: Config, _ model: Config, _ layout: OpenLayout, size: [Int], pixels: Config, _ activation: Activation
    ) throws -> Self {
        let width = try config.integer("width", in: 1...65_536, or: 768)
        let ratio = try config.number("mlp_ratio", in: 0.01...64, or: 4)
        let head = try config.integer("head_width", in: 1...65_536, or: 64)
        let pool = try config.text("pool_type", or: "tok")
        guard ["tok", "avg"].contains(pool) else { throw ConfigError.wrong("pool_type", "tok or avg", .text(pool)) }
        guard try !config.bool("input_patchnorm", or: false) else {
            throw ConfigError.wrong("input_patchnorm", "false", true)
        }
        var activation = activation
        try activation.read(config["act_kwargs"])
        let normsLast = try pool == "tok" || config.bool("final_ln_after_pool", or: false)
        var keys: [String: Config] = [
            "size": .list(size.map { .integer($0) }), "patch": .integer(try config.patchSize(or: 16)),
            "width": .integer(width), "layers": .integer(try config.integer("layers", in: 0...1024, or: 12)),
            "heads": .integer(max(width / head, 1)), "hidden": .integer(max(Int(Double(width) * ratio), 1)),
            "activation": .text(activation.rawValue), "epsilon": .number(try config.openEpsilon()),
            "patchBias": .bool(layout.shape("visual.conv1.bias") != nil),
            "normsFirst": .bool(try !config.bool("no_ln_pre", or: false)),
            "pooling": pool == "tok" ? "class" : "mean", "norm": normsLast ? "pooled" : "tokens", "pixels": pixels,
        ]
        if config["ls_init_value"] != nil {
            keys["layerScale"] = .number(try config.number("ls_init_value", in: -1e6...1e6))
        }
        if try config.bool("attentional_pool", or: false) {
            guard pool == "tok" else { throw ConfigError.wrong("pool_type", "tok with attentional_pool", .text(pool)) }
            (keys["pooling"], keys["norm"]) = ("questions", "pooled")
            keys["questions"] = .integer(try config.integer("attn_pooler_queries", in: 1...65_536, or: 256))
            keys["questionWidth"] = .integer(try model.integer("embed_dim", in: 1...65_536))
            keys["questionHeads"] = .integer(try config.integer("attn_pooler_heads", in: 1...1024, or: 8))
        }
        return Self(encoder: "image/vit", config: .map(keys), projection: layout.visionHead)
    }

    /// A residual network from a `vision_cfg`.
    fileprivate static func openResNet(
        _ config: Config, _ model: Config, size: [Int], pixels: Config
    ) throws -> Self {
        let width = try config.integer("width", in: 1...2048, or: 64)
        let head = try config.integer("head_width", in: 1...65_536, or: 64)
        return Self(
            encoder: "image/resnet",
            config: [
                "size": .list(size.map { .integer($0) }), "width": .integer(width),
                "layers": .list(try config.integers("layers", in: 1...256, most: 4).map { .integer($0) }),
                "heads": .integer(max(width * 32 / head, 1)),
                "embedding": .integer(try model.integer("embed_dim", in: 1...65_536)), "pixels": pixels,
            ])
    }
}

extension Config {
    /// What layer norms add to the variance.
    func openEpsilon() throws(ConfigError) -> Double {
        try (self["norm_kwargs"] ?? .empty).number("eps", in: 0...1, or: 1e-5)
    }

    /// The `pixels` of an `image/…` encoder from open_clip's `preprocess_cfg`, for a network that sees `size`.
    static func openPixels(_ config: Config, size: [Int]) throws(ConfigError) -> Config {
        let rule = PixelRule.clip
        var seen = size
        if config["size"] != nil { seen = try Config.map(["image_size": config["size"] ?? .null]).pictureSize() }
        let target = Config.list(seen.map { .integer($0) })
        let mode = try config.text("resize_mode", or: "shortest")
        let resize = [
            "shortest": seen.first == seen.last ? "shortest" : "cover", "squash": "exact", "longest": "within",
        ]
        guard let word = resize[mode] else {
            throw .wrong("resize_mode", "one of shortest, squash, longest", .text(mode))
        }
        let kernel = try config.text("interpolation", or: "bicubic")
        let fill = config["fill_color"]?.asList?.first ?? config["fill_color"]
        var pixels: [String: Config] = [
            "resize": .text(word), "size": target, "centre": "even", "crop": target,
            // It resizes pictures as Pillow opens them.
            "colours": "last",
            // "random" means that training chose between the two.
            "kernel": .text(kernel == "random" ? "bicubic" : kernel),
            "mean": .list(try config.numbers("mean", or: rule.mean).map { .number($0) }),
            "deviation": .list(try config.numbers("std", or: rule.deviation).map { .number($0) }),
        ]
        if let fill { pixels["fill"] = fill }
        return .map(pixels)
    }
}

extension KeyMap {
    /// OpenAI's and open_clip's residual network.
    static let openResNet: KeyMap = {
        let (block, layer) = ("layers.{l}.{n}", "layer{l}.{n}")
        return KeyMap(
            [
                Rule("stem.conv{m}.weight", "conv{m}.weight"), Rule("stem.norm{m}.{kind}", "bn{m}.{kind}"),
                Rule("\(block).conv{m}.weight", "\(layer).conv{m}.weight"),
                Rule("\(block).norm{m}.{kind}", "\(layer).bn{m}.{kind}"),
                Rule("\(block).shortcut.weight", "\(layer).downsample.0.weight"),
                Rule("\(block).shortcut_norm.{kind}", "\(layer).downsample.1.{kind}"),
                Rule("pool.positions", "attnpool.positional_embedding"),
                Rule("pool.attention.query.{kind}", "attnpool.q_proj.{kind}"),
                Rule("pool.attention.key.{kind}", "attnpool.k_proj.{kind}"),
                Rule("pool.attention.value.{kind}", "attnpool.v_proj.{kind}"),
                Rule("pool.attention.output.{kind}", "attnpool.c_proj.{kind}"),
            ], ignoring: ["*.num_batches_tracked"])
    }()
}
