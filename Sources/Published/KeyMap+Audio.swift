import BinderyLayers

/// How published Swin Transformers and HTSAT name their weights, onto those of `audio/htsat` and `Swin`.
extension KeyMap {
    /// The blocks and mergings of a Swin Transformer as transformers spells them, from `layers.` on.
    static let hubSwin: [Rule] = {
        let (block, layer) = ("stages.{s}.blocks.{b}", "layers.{s}.blocks.{b}")
        return [
            Rule("\(block).norm1.{kind}", "\(layer).layernorm_before.{kind}"),
            Rule("\(block).attention.positions", "\(layer).attention.self.relative_position_bias_table"),
            Rule("\(block).attention.output.{kind}", "\(layer).attention.output.dense.{kind}"),
            Rule("\(block).attention.{part}.{kind}", "\(layer).attention.self.{part}.{kind}"),
            Rule("\(block).norm2.{kind}", "\(layer).layernorm_after.{kind}"),
            Rule("\(block).feed_forward.wide.{kind}", "\(layer).intermediate.dense.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).output.dense.{kind}"),
        ] + swinMergings
    }()

    /// The same as its authors spell them: query, key and value in one.
    static let originalSwin: [Rule] = {
        let (block, layer) = ("stages.{s}.blocks.{b}", "layers.{s}.blocks.{b}")
        let parts = ["query", "key", "value"]
        return ["weight", "bias"].flatMap { kind in
            Rule.split(parts.map { "\(block).attention.\($0).\(kind)" }, from: "\(layer).attn.qkv.\(kind)")
        } + [
            Rule("\(block).norm1.{kind}", "\(layer).norm1.{kind}"),
            Rule("\(block).attention.positions", "\(layer).attn.relative_position_bias_table"),
            Rule("\(block).attention.output.{kind}", "\(layer).attn.proj.{kind}"),
            Rule("\(block).norm2.{kind}", "\(layer).norm2.{kind}"),
            Rule("\(block).feed_forward.wide.{kind}", "\(layer).mlp.fc1.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).mlp.fc2.{kind}"),
        ] + swinMergings
    }()

    private static let swinMergings = [
        Rule("stages.{s}.merging.norm.{kind}", "layers.{s}.downsample.norm.{kind}"),
        Rule("stages.{s}.merging.reduction.weight", "layers.{s}.downsample.reduction.weight"),
    ]

    /// Buffers that a Swin Transformer's shape tells.
    static let swinBuffers = ["*.relative_position_index", "*.attn_mask", "*.num_batches_tracked"]

    /// HTSAT as transformers spells it.
    static let hubHTSAT = KeyMap(
        hubSwin + htsatPatches + [Rule("bn0.{part}", "batch_norm.{part}"), Rule("norm.{kind}", "norm.{kind}")],
        ignoring: swinBuffers)

    /// HTSAT as its authors, LAION-CLAP and MS-CLAP 2023 spell it; the classes of AudioSet are left out.
    static let originalHTSAT = KeyMap(
        originalSwin + htsatPatches + [Rule("bn0.{part}", "bn0.{part}"), Rule("norm.{kind}", "norm.{kind}")],
        ignoring: swinBuffers + [
            "spectrogram_extractor.*", "logmel_extractor.*", "tscam_conv.*", "head.*",
        ])

    /// What stands before the blocks, which both spell alike; fusion counts the steps of its two branches.
    private static let htsatPatches: [Rule] = {
        var rules = [
            Rule("patches.projection.{kind}", "patch_embed.proj.{kind}"),
            Rule("patches.norm.{kind}", "patch_embed.norm.{kind}"),
            Rule("patches.close_ups.{kind}", "patch_embed.mel_conv2d.{kind}"),
        ]
        for (branch, first) in [("local", 0), ("global", 1)] {
            let (ours, theirs) = ("patches.fusion.\(branch)", "patch_embed.fusion_model.\(branch)_att")
            for (layer, step) in [("reduce", first), ("expand", first + 3)] {
                rules.append(Rule("\(ours).\(layer).weight", "\(theirs).\(step).weight", .squeezed([2, 3])))
                rules.append(Rule("\(ours).\(layer).bias", "\(theirs).\(step).bias"))
            }
            for (layer, step) in [("norm1", first + 1), ("norm2", first + 4)] {
                rules.append(Rule("\(ours).\(layer).{part}", "\(theirs).\(step).{part}"))
            }
        }
        return rules
    }()
}
