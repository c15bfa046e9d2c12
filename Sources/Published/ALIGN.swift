import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// ALIGN (Jia and others 2021) as transformers saves it: EfficientNet and BERT.
    static let align = Family(name: "ALIGN") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "absent"
        guard type == "align" else { return .unlike("model_type is \(type)") }
        let text = config["text_config"] ?? .empty
        let image = try JointSpace.Plan.Tower.efficientNet(config["vision_config"] ?? .empty, files)
        let plan = JointSpace.Plan(
            width: try config.integer("projection_dim", in: 1...65_536, or: 640),
            towers: [
                "image": image,
                "text": try .bertText(
                    text, isRoberta: false, pooling: "first", limit: try files.longestText(), projection: .linear),
            ], pairs: [JointSpace.Plan.Pair("image", "text", scale: 1, most: nil)])
        let map =
            KeyMap([
                // The temperature divides cosines, and is stored as it is.
                KeyMap.Rule("pairs.image_text.log_scale", "temperature", .negativeLogarithm),
                KeyMap.Rule("text.projection.{kind}", "text_projection.{kind}"),
            ]) + KeyMap.efficientNet.below("image.", "vision_model.") + KeyMap.bertText.below("text.", "text_model.")
        var ignoring = map
        ignoring.ignoring += ["text_model.pooler.*"]
        return .known(
            Recognised(
                family: "ALIGN", plan: plan, checkpoint: try files.checkpoint(), keyMap: ignoring,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["image", "text"]))
    }
}

extension JointSpace.Plan.Tower {
    /// EfficientNet from ALIGN's `vision_config`.
    fileprivate static func efficientNet(_ config: Config, _ files: ModelFiles) throws -> Self {
        let factor = try config.number("width_coefficient", in: 0.01...64, or: 2)
        let depth = try config.number("depth_coefficient", in: 0.01...64, or: 3.1)
        let divisor = try config.integer("depth_divisor", in: 1...1024, or: 8)
        /// Widths are multiples of the divisor, and no more than a tenth below what the factor asks for.
        func scaled(_ width: Int) -> Int {
            let wanted = Double(width) * factor
            let whole = max(divisor, Int(wanted + Double(divisor) / 2) / divisor * divisor)
            return Double(whole) < 0.9 * wanted ? whole + divisor : whole
        }
        func list(_ key: String, _ bounds: ClosedRange<Int>, _ usual: [Int]) throws -> [Int] {
            try config.integers(key, in: bounds, or: usual)
        }
        let outputs = try list("out_channels", 1...8192, [16, 24, 40, 80, 112, 192, 320]).map(scaled)
        let inputs = try list("in_channels", 1...8192, [32, 16, 24, 40, 80, 112, 192]).map(scaled)
        guard inputs.first == scaled(32), Array(inputs.dropFirst()) == Array(outputs.dropLast()) else {
            throw ConfigError.wrong("in_channels", "what the stages before put out", config["in_channels"] ?? .null)
        }
        guard try config.activation("hidden_act", or: .silu) == .silu,
            try config.text("pooling_type", or: "mean") == "mean",
            try config.integer("num_channels", in: 1...4, or: 3) == 3
        else { throw ConfigError.inconsistent("only swish, mean pooling and three channels are known of EfficientNet") }
        let size = try config.pictureSize(or: 600)
        return Self(
            encoder: "image/efficientnet",
            config: [
                "size": .list(size.map { .integer($0) }), "stem": .integer(scaled(32)),
                "widths": .list(outputs.map { .integer($0) }),
                "kernels": .list(try list("kernel_sizes", 1...31, [3, 3, 5, 3, 5, 5, 3]).map { .integer($0) }),
                "strides": .list(try list("strides", 1...2, [1, 2, 2, 2, 1, 2, 1]).map { .integer($0) }),
                "expansions": .list(try list("expand_ratios", 1...64, [1, 6, 6, 6, 6, 6, 6]).map { .integer($0) }),
                "repeats": .list(
                    try list("num_block_repeats", 1...256, [1, 2, 2, 3, 3, 4, 1])
                        .map { .integer(Int((depth * Double($0)).rounded(.up))) }),
                "squeeze": .number(try config.number("squeeze_expansion_ratio", in: 0...1, or: 0.25)),
                "evenPadding": .list(
                    try config.integers("depthwise_padding", in: 0...16_384, most: 1024, or: []).map { .integer($0) }),
                "epsilon": .number(try config.number("batch_norm_eps", in: 0...1, or: 1e-3)),
                "pixels": try files.pixels(.efficientNet, size: size),
            ])
    }
}

extension KeyMap {
    /// EfficientNet as transformers spells it inside ALIGN.
    fileprivate static let efficientNet: KeyMap = {
        let (block, layer) = ("blocks.{n}", "encoder.blocks.{n}")
        var rules = [
            Rule("stem.conv.weight", "embeddings.convolution.weight"),
            Rule("stem.norm.{kind}", "embeddings.batchnorm.{kind}"),
        ]
        for (ours, theirs, conv, norm) in [
            ("expand", "expansion", "expand_conv", "expand_bn"),
            ("depthwise", "depthwise_conv", "depthwise_conv", "depthwise_norm"),
            ("project", "projection", "project_conv", "project_bn"),
        ] {
            rules.append(Rule("\(block).\(ours).conv.weight", "\(layer).\(theirs).\(conv).weight"))
            rules.append(Rule("\(block).\(ours).norm.{kind}", "\(layer).\(theirs).\(norm).{kind}"))
        }
        for part in ["reduce", "expand"] {
            let (ours, theirs) = ("\(block).squeeze.\(part)", "\(layer).squeeze_excite.\(part)")
            rules.append(Rule("\(ours).weight", "\(theirs).weight", .squeezed([2, 3])))
            rules.append(Rule("\(ours).bias", "\(theirs).bias"))
        }
        return KeyMap(rules, ignoring: ["*.num_batches_tracked"])
    }()
}
