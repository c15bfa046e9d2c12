import BinderyBinding
import BinderyLayers

/// Vision towers that open_clip takes from timm: SigLIP's, and EVA-CLIP's (Sun and others 2023).
extension JointSpace.Plan.Tower {
    /// The tower below `visual.trunk.`; what its name does not say, its shapes do.
    static func trunk(_ config: Config, _ layout: OpenLayout, size: [Int], pixels: Config, named path: String) throws
        -> Self
    {
        let name = try config.text("timm_model_name")
        let known = try TrunkKind(name, path)
        let shape = { (key: String) in layout.shape("visual.trunk.\(key)") }
        guard let patches = shape("patch_embed.proj.weight"), patches.count == 4, let patch = patches.last,
            let hidden = (shape("blocks.0.mlp.fc1.weight") ?? shape("blocks.0.mlp.fc1_g.weight"))?.first
        else {
            throw PublishedError.incomplete(path, family: "OpenCLIP", lacks: "visual.trunk.patch_embed and its blocks")
        }
        let width = patches[0]
        let hasClass = shape("cls_token") != nil
        let pool =
            shape("attn_pool.latent") != nil ? "head" : hasClass && config["timm_pool"] != "avg" ? "class" : "mean"
        var keys: [String: Config] = [
            "size": .list(size.map { .integer($0) }), "patch": .integer(patch), "width": .integer(width),
            "layers": .integer(layout.count("visual.trunk.blocks.", ".norm1.weight")),
            "heads": .integer(known.heads ?? max(width / 64, 1)), "hidden": .integer(hidden),
            "activation": .text(known.activation.rawValue), "epsilon": 1e-6, "class": .bool(hasClass),
            "patchBias": .bool(shape("patch_embed.proj.bias") != nil), "normsFirst": false, "pooling": .text(pool),
            // A norm of its own on the mean has another name than the one on the tokens.
            "norm": pool == "class" || shape("fc_norm.weight") != nil ? "pooled" : "tokens",
            "keyBias": .bool(shape("blocks.0.attn.qkv.bias") != nil), "pixels": pixels,
        ]
        if shape("blocks.0.attn.norm.weight") != nil { keys["normsInside"] = true }
        if shape("blocks.0.mlp.fc1_g.weight") != nil {
            keys["gated"] = true
            keys["activation"] = "silu"
        }
        if known.isAdded { keys["order"] = "added" }
        if known.isRotary { keys["rotary"] = 16 }
        if let poolHidden = shape("attn_pool.mlp.fc1.weight")?.first { keys["headHidden"] = .integer(poolHidden) }
        let head: Projection.Kind =
            layout.shape("visual.trunk.head.weight") != nil || layout.shape("visual.head.proj.bias") != nil
            ? .linear : layout.shape("visual.head.proj.weight") != nil ? .matrix : .none
        return Self(encoder: "image/vit", config: .map(keys), projection: head)
    }
}

/// What of a trunk no shape tells.
private struct TrunkKind {
    var heads: Int?
    var activation = Activation.gelu
    var isAdded = false
    var isRotary = false

    /// Throws when the name is none of a vision Transformer known here.
    init(_ name: String, _ path: String) throws {
        let isSigLIP = name.hasPrefix("vit_") && name.contains("_siglip_")
        let isEVA = name.hasPrefix("eva_giant_patch14_") || name.hasPrefix("eva02_")
        guard isSigLIP || isEVA else {
            throw PublishedError.incomplete(path, family: "OpenCLIP", lacks: "support for its tower \(name)")
        }
        if ["vit_so400m", "vit_giantopt", "eva_giant", "eva02_enormous"].contains(where: name.hasPrefix) { heads = 16 }
        // The later towers of SigLIP were trained with the approximation; the name of the size tells them.
        let approximate = [
            "vit_base_patch32_siglip", "vit_large_patch16_siglip_512", "vit_so400m_patch16_siglip", "vit_giantopt",
        ]
        if approximate.contains(where: name.hasPrefix) { activation = .geluTanh }
        isAdded = name.hasPrefix("eva02_enormous")
        isRotary = name.hasPrefix("eva02_") && !isAdded
    }
}

extension KeyMap {
    /// timm's vision Transformers and EVA, below `visual.`, onto `image.`.
    static let openTrunk: KeyMap = {
        let (block, layer) = ("image.blocks.{n}", "visual.trunk.blocks.{n}")
        let parts = ["query", "key", "value"]
        var rules = [
            Rule("image.patches.{kind}", "visual.trunk.patch_embed.proj.{kind}"),
            Rule("image.class", "visual.trunk.cls_token", .squeezed([0, 1])),
            Rule("image.positions.weight", "visual.trunk.pos_embed", .squeezed([0])),
            Rule("image.final_norm.{kind}", "visual.trunk.norm.{kind}"),
            Rule("image.final_norm.{kind}", "visual.trunk.fc_norm.{kind}"),
            Rule("\(block).attention.query.bias", "\(layer).attn.q_bias"),
            Rule("\(block).attention.value.bias", "\(layer).attn.v_bias"),
            Rule("image.projection.{kind}", "visual.trunk.head.{kind}"),
            Rule("image.projection.{kind}", "visual.head.proj.{kind}"),
            Rule("image.head.probe", "visual.trunk.attn_pool.latent", .squeezed([0])),
        ]
        for (ours, theirs) in [
            ("attention.output", "attn.proj"), ("attention.norm", "attn.norm"), ("norm1", "norm1"), ("norm2", "norm2"),
            ("attention.query", "attn.q_proj"), ("attention.key", "attn.k_proj"), ("attention.value", "attn.v_proj"),
            ("feed_forward.wide", "mlp.fc1"), ("feed_forward.narrow", "mlp.fc2"), ("feed_forward.norm", "mlp.norm"),
            ("feed_forward.gate", "mlp.fc1_g"), ("feed_forward.wide", "mlp.fc1_x"),
        ] { rules.append(Rule("\(block).\(ours).{kind}", "\(layer).\(theirs).{kind}")) }
        for (ours, theirs) in [
            ("attention.query", "q"), ("attention.output", "proj"), ("norm", "norm"), ("feed_forward.wide", "mlp.fc1"),
            ("feed_forward.narrow", "mlp.fc2"),
        ] { rules.append(Rule("image.head.\(ours).{kind}", "visual.trunk.attn_pool.\(theirs).{kind}")) }
        for kind in ["weight", "bias"] {
            rules += Rule.split(parts.map { "\(block).attention.\($0).\(kind)" }, from: "\(layer).attn.qkv.\(kind)")
            rules += Rule.split(
                ["key", "value"].map { "image.head.attention.\($0).\(kind)" },
                from: "visual.trunk.attn_pool.kv.\(kind)")
        }
        return KeyMap(rules, ignoring: ["visual.trunk.blocks.{n}.attn.k_bias"])
    }()
}
