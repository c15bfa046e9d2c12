import BinderyLayers

/// How published text Transformers name their weights, from the token table to the last norm.
///
/// Ours are those of `text/…` encoders; `below` puts a map where a tower and its file have them.
extension KeyMap {
    /// BERT and RoBERTa as transformers spells them today, and as older files do (`gamma`, `beta`).
    static let bertText: KeyMap = {
        let layer = "encoder.layer.{n}"
        var rules = [
            Rule("tokens.weight", "embeddings.word_embeddings.weight"),
            Rule("positions.weight", "embeddings.position_embeddings.weight"),
            Rule("types.weight", "embeddings.token_type_embeddings.weight"),
            Rule("pooler.{kind}", "pooler.dense.{kind}"),
            Rule("blocks.{n}.attention.output.{kind}", "\(layer).attention.output.dense.{kind}"),
            Rule("blocks.{n}.attention.{part}.{kind}", "\(layer).attention.self.{part}.{kind}"),
            Rule("blocks.{n}.feed_forward.wide.{kind}", "\(layer).intermediate.dense.{kind}"),
            Rule("blocks.{n}.feed_forward.narrow.{kind}", "\(layer).output.dense.{kind}"),
        ]
        for (ours, theirs) in [
            ("embedding_norm", "embeddings.LayerNorm"), ("blocks.{n}.norm1", "\(layer).attention.output.LayerNorm"),
            ("blocks.{n}.norm2", "\(layer).output.LayerNorm"),
        ] {
            rules.append(Rule("\(ours).{kind}", "\(theirs).{kind}"))
            rules.append(Rule("\(ours).weight", "\(theirs).gamma"))
            rules.append(Rule("\(ours).bias", "\(theirs).beta"))
        }
        return KeyMap(rules, ignoring: ["embeddings.position_ids", "embeddings.token_type_ids"])
    }()

    /// GPT-2 as transformers spells it: matrices are stored with inputs first, query, key and value in one.
    static let gpt2Text: KeyMap = {
        let (block, layer) = ("blocks.{n}", "h.{n}")
        let parts = ["query", "key", "value"]
        var rules = [
            Rule("tokens.weight", "wte.weight"), Rule("positions.weight", "wpe.weight"),
            Rule("final_norm.{kind}", "ln_f.{kind}"),
            Rule("\(block).norm1.{kind}", "\(layer).ln_1.{kind}"),
            Rule("\(block).norm2.{kind}", "\(layer).ln_2.{kind}"),
        ]
        rules += Rule.split(
            parts.map { "\(block).attention.\($0).weight" }, from: "\(layer).attn.c_attn.weight", .transposed)
        rules += Rule.split(parts.map { "\(block).attention.\($0).bias" }, from: "\(layer).attn.c_attn.bias")
        for (ours, theirs) in [
            ("attention.output", "attn.c_proj"), ("feed_forward.wide", "mlp.c_fc"),
            ("feed_forward.narrow", "mlp.c_proj"),
        ] {
            rules.append(Rule("\(block).\(ours).weight", "\(layer).\(theirs).weight", .transposed))
            rules.append(Rule("\(block).\(ours).bias", "\(layer).\(theirs).bias"))
        }
        return KeyMap(rules, ignoring: ["h.{n}.attn.bias", "h.{n}.attn.masked_bias"])
    }()

    /// The text towers of CLIP and SigLIP as transformers spells them.
    static let hubText = KeyMap(
        [
            Rule("tokens.weight", "embeddings.token_embedding.weight"),
            Rule("positions.weight", "embeddings.position_embedding.weight"),
            Rule("final_norm.{kind}", "final_layer_norm.{kind}"),
        ] + hubBlocks, ignoring: ["embeddings.position_ids"])

    /// The blocks of both towers of CLIP and SigLIP as transformers spells them.
    static let hubBlocks: [Rule] = {
        let (block, layer) = ("blocks.{n}", "encoder.layers.{n}")
        return [
            Rule("\(block).attention.query.{kind}", "\(layer).self_attn.q_proj.{kind}"),
            Rule("\(block).attention.key.{kind}", "\(layer).self_attn.k_proj.{kind}"),
            Rule("\(block).attention.value.{kind}", "\(layer).self_attn.v_proj.{kind}"),
            Rule("\(block).attention.output.{kind}", "\(layer).self_attn.out_proj.{kind}"),
            Rule("\(block).norm1.{kind}", "\(layer).layer_norm1.{kind}"),
            Rule("\(block).norm2.{kind}", "\(layer).layer_norm2.{kind}"),
            Rule("\(block).feed_forward.wide.{kind}", "\(layer).mlp.fc1.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).mlp.fc2.{kind}"),
        ]
    }()

    /// OpenAI's CLIP and open_clip: names of one tower without a prefix, query, key and value in one.
    static let openText = KeyMap(
        [
            Rule("tokens.weight", "token_embedding.weight"), Rule("positions.weight", "positional_embedding"),
            Rule("added", "cls_emb"), Rule("final_norm.{kind}", "ln_final.{kind}"),
            Rule("blocks.{n}.scale1", "transformer.resblocks.{n}.ls_1.gamma"),
            Rule("blocks.{n}.scale2", "transformer.resblocks.{n}.ls_2.gamma"),
        ] + fusedBlocks("transformer.resblocks.{n}", norms: ("ln_1", "ln_2"), feedForward: ("mlp.c_fc", "mlp.c_proj")),
        ignoring: ["attn_mask"])

    /// ImageBind's text tower, whose parts lie in three places.
    static let imageBindText = KeyMap(
        [
            Rule("tokens.weight", "modality_preprocessors.text.token_embedding.weight"),
            Rule("positions.weight", "modality_preprocessors.text.pos_embed", .squeezed([0])),
            Rule("final_norm.{kind}", "modality_heads.text.proj.0.{kind}"),
        ]
            + fusedBlocks(
                "modality_trunks.text.blocks.{n}", norms: ("norm_1", "norm_2"), feedForward: ("mlp.fc1", "mlp.fc2")),
        ignoring: ["modality_preprocessors.text.mask"])

    /// Blocks around torch's own attention module, `blocks.{n}` on our side.
    static func fusedBlocks(
        _ block: String, norms: (String, String), feedForward: (String, String)
    ) -> [Rule] {
        let parts = ["query", "key", "value"]
        return ["weight", "bias"].flatMap { kind in
            Rule.split(parts.map { "blocks.{n}.attention.\($0).\(kind)" }, from: "\(block).attn.in_proj_\(kind)")
        } + [
            Rule("blocks.{n}.attention.output.{kind}", "\(block).attn.out_proj.{kind}"),
            Rule("blocks.{n}.norm1.{kind}", "\(block).\(norms.0).{kind}"),
            Rule("blocks.{n}.norm2.{kind}", "\(block).\(norms.1).{kind}"),
            Rule("blocks.{n}.feed_forward.wide.{kind}", "\(block).\(feedForward.0).{kind}"),
            Rule("blocks.{n}.feed_forward.narrow.{kind}", "\(block).\(feedForward.1).{kind}"),
        ]
    }
}
