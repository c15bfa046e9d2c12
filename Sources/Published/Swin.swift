import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// Swin (Liu and others 2021) as transformers saves it; a picture's vector is the mean over the last map behind the
    /// last norm, what a classifier would see.
    static let swin = Family(name: "Swin") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "no model_type"
        guard type == "swin" else { return .unlike("model_type is \(type)") }
        let tower = try JointSpace.Plan.Tower.swin(config, files)
        let (width, depths) = (
            try tower.config.integer("width", in: 1...8192), try tower.config.integers("depths", in: 1...256)
        )
        var map = KeyMap.hubSwinVision.below("image.", "")
        map.prefixes = ["swin."]
        return .known(
            Recognised(
                family: "Swin",
                plan: JointSpace.Plan(width: width << max(depths.count - 1, 0), towers: ["image": tower]),
                checkpoint: try files.checkpoint(), keyMap: map, frozen: ["image"],
                notes: ["the vector of a picture is the mean over its last map"]))
    }
}

extension JointSpace.Plan.Tower {
    /// A `SwinConfig`.
    fileprivate static func swin(_ config: Config, _ files: ModelFiles) throws -> Self {
        let size = try config.pictureSize()
        return Self(
            encoder: "image/swin",
            config: [
                "size": .list(size.map { .integer($0) }), "patch": .integer(try config.patchSize(or: 4)),
                "channels": .integer(try config.integer("num_channels", in: 1...3, or: 3)),
                "width": .integer(try config.integer("embed_dim", in: 1...8192, or: 96)),
                "depths": .list(
                    try config.integers("depths", in: 1...256, most: 8, or: [2, 2, 6, 2]).map { .integer($0) }),
                "heads": .list(
                    try config.integers("num_heads", in: 1...1024, most: 8, or: [3, 6, 12, 24]).map { .integer($0) }),
                "window": .integer(try config.integer("window_size", in: 1...64, or: 7)),
                "expansion": .number(try config.number("mlp_ratio", in: 0.01...64, or: 4)),
                "activation": .text(try config.activation("hidden_act", or: .gelu).rawValue),
                "epsilon": .number(try config.number("layer_norm_eps", in: 0...1, or: 1e-5)),
                "bias": .bool(try config.bool("qkv_bias", or: true)),
                "positions": .bool(try config.bool("use_absolute_embeddings", or: false)),
                "pixels": config["num_channels"] == 1
                    ? try files.pixels(.swin, size: size).greyLevels : try files.pixels(.swin, size: size),
            ])
    }
}

extension PixelRule {
    fileprivate static let swin = PixelRule(
        resize: "exact", bareSize: "exact", mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
}

extension KeyMap {
    /// Swin as transformers spells it.
    fileprivate static let hubSwinVision: KeyMap = {
        let blocks = KeyMap(hubSwin, ignoring: swinBuffers).below("", "encoder.")
        return KeyMap(
            [
                Rule("patches.projection.{kind}", "embeddings.patch_embeddings.projection.{kind}"),
                Rule("patches.norm.{kind}", "embeddings.norm.{kind}"),
                Rule("positions.weight", "embeddings.position_embeddings", .squeezed([0])),
                Rule("norm.{kind}", "layernorm.{kind}"),
            ], ignoring: ["embeddings.mask_token", "classifier.*", "decoder.*", "pooler.*"]) + blocks
    }()
}
