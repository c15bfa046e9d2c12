import BinderyLayers

/// How published vision Transformers name their weights, from the patches to the last norm.
///
/// Ours are those of `image/vit`; `below` puts a map where a tower and its file have them.
extension KeyMap {
    /// The vision towers of CLIP and SigLIP as transformers spells them.
    static let hubVision: KeyMap = {
        var rules = [
            Rule("patches.{kind}", "embeddings.patch_embedding.{kind}"),
            Rule("class", "embeddings.class_embedding"),
            Rule("positions.weight", "embeddings.position_embedding.weight"),
            // The name really is spelt so.
            Rule("first_norm.{kind}", "pre_layrnorm.{kind}"),
            Rule("first_norm.{kind}", "pre_layernorm.{kind}"),
            Rule("final_norm.{kind}", "post_layernorm.{kind}"),
            Rule("head.probe", "head.probe", .squeezed([0])),
            Rule("head.attention.output.{kind}", "head.attention.out_proj.{kind}"),
            Rule("head.norm.{kind}", "head.layernorm.{kind}"),
            Rule("head.feed_forward.wide.{kind}", "head.mlp.fc1.{kind}"),
            Rule("head.feed_forward.narrow.{kind}", "head.mlp.fc2.{kind}"),
        ]
        for kind in ["weight", "bias"] {
            rules += Rule.split(
                ["query", "key", "value"].map { "head.attention.\($0).\(kind)" },
                from: "head.attention.in_proj_\(kind)")
        }
        return KeyMap(rules + hubBlocks, ignoring: ["embeddings.position_ids"])
    }()

    /// ViT and DINOv2 as transformers spells them.
    static let hubViT: KeyMap = {
        let (block, layer) = ("blocks.{n}", "encoder.layer.{n}")
        var rules = [
            Rule("patches.{kind}", "embeddings.patch_embeddings.projection.{kind}"),
            Rule("class", "embeddings.cls_token", .squeezed([0, 1])),
            Rule("registers", "embeddings.register_tokens", .squeezed([0])),
            Rule("positions.weight", "embeddings.position_embeddings", .squeezed([0])),
            Rule("final_norm.{kind}", "layernorm.{kind}"),
            Rule("\(block).attention.output.{kind}", "\(layer).attention.output.dense.{kind}"),
            Rule("\(block).attention.{part}.{kind}", "\(layer).attention.attention.{part}.{kind}"),
            Rule("\(block).scale1", "\(layer).layer_scale1.lambda1"),
            Rule("\(block).scale2", "\(layer).layer_scale2.lambda1"),
            Rule("\(block).feed_forward.gate.{kind}", "\(layer).mlp.gate_proj.{kind}"),
            Rule("\(block).feed_forward.wide.{kind}", "\(layer).mlp.up_proj.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).mlp.down_proj.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).mlp.weights_out.{kind}"),
        ]
        for kind in ["weight", "bias"] {
            rules += Rule.split(
                ["gate", "wide"].map { "\(block).feed_forward.\($0).\(kind)" },
                from: "\(layer).mlp.weights_in.\(kind)")
        }
        for (ours, theirs) in [
            ("norm1", "layernorm_before"), ("norm1", "norm1"), ("norm2", "layernorm_after"), ("norm2", "norm2"),
            ("feed_forward.wide", "intermediate.dense"), ("feed_forward.wide", "mlp.fc1"),
            ("feed_forward.narrow", "output.dense"), ("feed_forward.narrow", "mlp.fc2"),
        ] {
            rules.append(Rule("\(block).\(ours).{kind}", "\(layer).\(theirs).{kind}"))
        }
        return KeyMap(rules, ignoring: ["embeddings.mask_token", "classifier.*", "decoder.*", "pooler.*"])
    }()

    /// OpenAI's and open_clip's vision Transformer.
    static let openVision = KeyMap(
        [
            Rule("patches.{kind}", "conv1.{kind}"), Rule("class", "class_embedding"),
            Rule("positions.weight", "positional_embedding"), Rule("first_norm.{kind}", "ln_pre.{kind}"),
            Rule("final_norm.{kind}", "ln_post.{kind}"),
            Rule("blocks.{n}.scale1", "transformer.resblocks.{n}.ls_1.gamma"),
            Rule("blocks.{n}.scale2", "transformer.resblocks.{n}.ls_2.gamma"),
        ] + fusedBlocks("transformer.resblocks.{n}", norms: ("ln_1", "ln_2"), feedForward: ("mlp.c_fc", "mlp.c_proj"))
            + questionPooling)

    /// CoCa's pooling as open_clip spells it: query, key and value are one weight where their widths are equal.
    private static let questionPooling: [Rule] = {
        let parts = ["query", "key", "value"]
        let fused = ["weight", "bias"].flatMap { kind in
            Rule.split(parts.map { "head.attention.\($0).\(kind)" }, from: "attn_pool.attn.in_proj_\(kind)")
        }
        return fused + [
            Rule("head.questions", "attn_pool.query"), Rule("head.question_norm.{kind}", "attn_pool.ln_q.{kind}"),
            Rule("head.token_norm.{kind}", "attn_pool.ln_k.{kind}"),
            Rule("head.attention.output.{kind}", "attn_pool.attn.out_proj.{kind}"),
            Rule("head.attention.query.weight", "attn_pool.attn.q_proj_weight"),
            Rule("head.attention.key.weight", "attn_pool.attn.k_proj_weight"),
            Rule("head.attention.value.weight", "attn_pool.attn.v_proj_weight"),
        ]
    }()
}
