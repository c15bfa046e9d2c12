import BinderyBinding
import BinderyLayers

extension Family {
    /// ViT (Dosovitskiy and others 2021) as transformers saves it; a picture's vector is that of the class token behind the
    /// last norm, what a classifier would see.
    static let vit = Family(name: "ViT") { files in
        try files.singleVision("ViT", types: ["vit"], prefixes: ["vit."]) { config in try .vit(config, files) }
    }

    /// DINOv2 (Oquab and others 2024), with or without registers (Darcet and others 2024), as transformers saves it; a
    /// picture's vector is that of the class token behind the last norm.
    static let dino = Family(name: "DINOv2") { files in
        try files.singleVision(
            "DINOv2", types: ["dinov2", "dinov2_with_registers"], prefixes: ["dinov2.", "dinov2_with_registers."]
        ) { config in try .dino(config, files) }
    }
}

extension ModelFiles {
    /// A space of one vision tower.
    fileprivate func singleVision(
        _ family: String, types: [String], prefixes: [String], _ tower: (Config) throws -> JointSpace.Plan.Tower
    ) throws -> Family.Verdict {
        guard let config = try config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "no model_type"
        guard types.contains(type) else { return .unlike("model_type is \(type)") }
        let tower = try tower(config)
        let width = try tower.config.integer("width", in: 1...65_536)
        var map = KeyMap.hubViT.below("image.", "")
        map.prefixes = prefixes
        return .known(
            Recognised(
                family: family, plan: JointSpace.Plan(width: width, towers: ["image": tower]),
                checkpoint: try checkpoint(), keyMap: map, frozen: ["image"],
                notes: ["the vector of a picture is that of its class token"]))
    }
}
