import BinderyBinding
import BinderyLayers

extension JointSpace.Plan.Tower {
    /// The ConvNeXt (Liu and others 2022) of LAION's CLIPs, which open_clip takes from timm; its shapes say its sizes.
    static func convNeXt(_ config: Config, _ layout: OpenLayout, size: [Int], pixels: Config, named path: String) throws
        -> Self
    {
        let name = try config.text("timm_model_name")
        let shape = { (key: String) in layout.shape("visual.trunk.\(key)") }
        let stages = layout.count("visual.trunk.stages.", ".blocks.0.conv_dw.weight")
        let first = (0..<stages).compactMap { shape("stages.\($0).blocks.0.conv_dw.weight") }
        guard let stem = shape("stem.0.weight"), stem.count == 4, first.allSatisfy({ $0.count == 4 }),
            let width = first.first?[0], let kernel = first.first?[3], width > 0,
            let hidden = shape("stages.0.blocks.0.mlp.fc1.weight"), hidden.count == 2, hidden[0] % width == 0
        else {
            throw PublishedError.incomplete(
                path, family: "OpenCLIP", lacks: "visual.trunk.stem and stages of ConvNeXt as \(name) has them")
        }
        let depths = (0..<stages).map { layout.count("visual.trunk.stages.\($0).blocks.", ".conv_dw.weight") }
        let head: Projection.Kind =
            layout.shape("visual.head.mlp.fc1.weight") != nil
            ? .broad
            : layout.shape("visual.head.proj.bias") != nil
                ? .linear : layout.shape("visual.head.proj.weight") != nil ? .matrix : .none
        return Self(
            encoder: "image/convnext",
            config: [
                "size": .list(size.map { .integer($0) }), "patch": .integer(stem[3]),
                "widths": .list(first.map { .integer($0[0]) }), "depths": .list(depths.map { .integer($0) }),
                "kernel": .integer(kernel), "expansion": .integer(hidden[0] / width),
                "epsilon": name.hasPrefix("convnext_xxlarge") ? 1e-5 : 1e-6,
                "layerScale": shape("stages.0.blocks.0.gamma") == nil ? .null : 1e-6, "pixels": pixels,
            ], projection: head)
    }
}

extension KeyMap {
    /// timm's ConvNeXt below `visual.`, onto `image.`.
    static let openConvNeXt: KeyMap = {
        let (stage, theirStage) = ("image.stages.{l}", "visual.trunk.stages.{l}")
        let (block, layer) = ("\(stage).blocks.{n}", "\(theirStage).blocks.{n}")
        return KeyMap([
            Rule("image.stem.conv.{kind}", "visual.trunk.stem.0.{kind}"),
            Rule("image.stem.norm.{kind}", "visual.trunk.stem.1.{kind}"),
            Rule("\(stage).shrink.norm.{kind}", "\(theirStage).downsample.0.{kind}"),
            Rule("\(stage).shrink.conv.{kind}", "\(theirStage).downsample.1.{kind}"),
            Rule("\(block).depthwise.{kind}", "\(layer).conv_dw.{kind}"),
            Rule("\(block).norm.{kind}", "\(layer).norm.{kind}"),
            Rule("\(block).feed_forward.wide.{kind}", "\(layer).mlp.fc1.{kind}"),
            Rule("\(block).feed_forward.narrow.{kind}", "\(layer).mlp.fc2.{kind}"),
            Rule("\(block).scale", "\(layer).gamma"),
            Rule("image.final_norm.{kind}", "visual.trunk.head.norm.{kind}"),
            Rule("image.projection.first.{kind}", "visual.head.mlp.fc1.{kind}"),
            Rule("image.projection.second.{kind}", "visual.head.mlp.fc2.{kind}"),
            Rule("image.projection.{kind}", "visual.head.proj.{kind}"),
        ])
    }()
}
