import BinderyBinding
import BinderyLayers

/// Vision Transformers that transformers' configurations describe, as `image/vit` describes them.
extension JointSpace.Plan.Tower {
    /// CLIP's vision tower from a `vision_config`.
    static func clipVision(_ config: Config, _ files: ModelFiles, projection: Projection.Kind = .matrix) throws -> Self
    {
        var base = VisionBase(width: 768, hidden: 3072, patch: 32, activation: .quickGELU, epsilon: 1e-5)
        base.extras = ["normsFirst": true, "norm": "pooled", "patchBias": false]
        return try hubVision(config, base, pixels: files.pixels(.clip, size: config.pictureSize()), projection)
    }

    /// SigLIP's vision tower from a `vision_config`.
    static func sigLIPVision(_ config: Config, _ files: ModelFiles) throws -> Self {
        var base = VisionBase(width: 768, hidden: 3072, patch: 16, activation: .geluTanh, epsilon: 1e-6)
        base.extras = [
            "normsFirst": false, "patchBias": true, "class": false,
            "pooling": try config.bool("vision_use_head", or: true) ? "head" : "mean",
        ]
        return try hubVision(config, base, pixels: files.pixels(.sigLIP, size: config.pictureSize()), .none)
    }

    /// ViT from its configuration.
    static func vit(_ config: Config, _ files: ModelFiles) throws -> Self {
        var base = VisionBase(width: 768, hidden: 3072, patch: 16, activation: .gelu, epsilon: 1e-12)
        base.extras = [
            "normsFirst": false, "patchBias": true, "norm": "tokens",
            "attentionBias": .bool(try config.bool("qkv_bias", or: true)),
        ]
        return try hubVision(config, base, pixels: files.pixels(.vit, size: config.pictureSize()), .none)
    }

    /// DINOv2, with or without registers, from its configuration.
    static func dino(_ config: Config, _ files: ModelFiles) throws -> Self {
        let width = try config.integer("hidden_size", in: 1...65_536, or: 768)
        let isGated = try config.bool("use_swiglu_ffn", or: false)
        let ratio = try config.number("mlp_ratio", in: 0.01...64, or: 4)
        // A gate makes three matrices of two, so they are two thirds as wide, in whole eights.
        let wide = Int(Double(width) * ratio)
        let hidden = isGated ? (Int(Double(wide) * 2 / 3) + 7) / 8 * 8 : wide
        var base = VisionBase(width: 768, hidden: hidden, patch: 16, activation: .gelu, epsilon: 1e-6)
        base.extras = [
            "normsFirst": false, "patchBias": true, "norm": "tokens", "gated": .bool(isGated),
            "attentionBias": .bool(try config.bool("qkv_bias", or: true)),
            "layerScale": .number(try config.number("layerscale_value", in: -1e6...1e6, or: 1)),
        ]
        if config["model_type"] == "dinov2_with_registers" {
            base.extras["registers"] = .integer(try config.integer("num_register_tokens", in: 0...1024, or: 4))
            base.extras["interpolation"] = "bicubic_antialiased"
        }
        var tower = try hubVision(config, base, pixels: files.pixels(.dino, size: config.pictureSize()), .none)
        if isGated { tower.config = tower.config.setting("activation", to: "silu") }
        return tower
    }

    /// What a class of transformers has where a configuration says nothing.
    struct VisionBase {
        var width: Int
        var hidden: Int
        var patch: Int
        var activation: Activation
        var epsilon: Double
        /// Keys of `image/vit` that the family decides.
        var extras: [String: Config] = [:]
    }

    static func hubVision(
        _ config: Config, _ base: VisionBase, pixels: Config, _ projection: Projection.Kind
    ) throws -> Self {
        let size = try config.pictureSize()
        let keys: [String: Config] = [
            "size": .list(size.map { .integer($0) }),
            "patch": .integer(try config.patchSize(or: base.patch)),
            "channels": .integer(try config.integer("num_channels", in: 1...3, or: 3)),
            "width": .integer(try config.integer("hidden_size", in: 1...65_536, or: base.width)),
            "layers": .integer(try config.integer("num_hidden_layers", in: 0...1024, or: 12)),
            "heads": .integer(try config.integer("num_attention_heads", in: 1...1024, or: 12)),
            "hidden": .integer(try config.integer("intermediate_size", in: 1...262_144, or: base.hidden)),
            "activation": .text(try config.activation("hidden_act", or: base.activation).rawValue),
            "epsilon": .number(try config.number("layer_norm_eps", in: 0...1, or: base.epsilon)),
            "pixels": config["num_channels"] == 1 ? pixels.greyLevels : pixels,
        ]
        return Self(encoder: "image/vit", config: .map(keys.merging(base.extras) { $1 }), projection: projection)
    }
}

extension Config {
    /// The same `pixels` for a network of one channel: what is equal for three counts for the one.
    var greyLevels: Config {
        ["mean", "deviation"].reduce(self) { pixels, key in
            guard let list = pixels[key]?.asList, let first = list.first, list.allSatisfy({ $0 == first }) else {
                return pixels
            }
            return pixels.setting(key, to: first)
        }
    }

    /// Height and width at `image_size`, which may be one number for both.
    func pictureSize(or fallback: Int = 224) throws(ConfigError) -> [Int] {
        let bounds = 1...16_384
        guard let value = self["image_size"], value.asList != nil else {
            let edge = try integer("image_size", in: bounds, or: fallback)
            return [edge, edge]
        }
        let sizes = try integers("image_size", in: bounds, most: 2)
        guard sizes.count == 2 else { throw .wrong("image_size", "a number, or height and width", value) }
        return sizes
    }

    /// The edge of a patch at `patch_size`, which may be written twice.
    func patchSize(or fallback: Int) throws(ConfigError) -> Int {
        guard let value = self["patch_size"], value.asList != nil else {
            return try integer("patch_size", in: 1...1024, or: fallback)
        }
        let edges = try integers("patch_size", in: 1...1024, most: 2)
        guard let first = edges.first, edges.allSatisfy({ $0 == first }) else {
            throw .wrong("patch_size", "one number", value)
        }
        return first
    }
}
