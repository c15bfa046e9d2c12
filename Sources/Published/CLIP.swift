import BinderyBinding
import BinderyLayers

extension Family {
    /// CLIP (Radford and others 2021) as transformers saves it: both towers, or one of them with or without its head.
    static let clip = Family(name: "CLIP") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        // A folder may hold open_clip's file beside transformers', and its configuration with it.
        if config["model_type"] == "clip", try files.checkpoint()["visual.proj"] != nil {
            return .unlike("its weights have open_clip's names")
        }
        switch config["model_type"]?.asText {
        case "clip": return .known(try files.bothTowersOfCLIP(config))
        case "clip_vision_model": return .known(try files.oneTowerOfCLIP(config, "image"))
        case "clip_text_model": return .known(try files.oneTowerOfCLIP(config, "text"))
        case let type: return .unlike("model_type is \(type ?? "absent")")
        }
    }
}

extension KeyMap {
    /// CLIP's two towers and their heads as transformers spells them.
    static let clip =
        KeyMap([
            Rule("image.projection.weight", "visual_projection.weight"),
            Rule("text.projection.weight", "text_projection.weight"),
        ]) + hubVision.below("image.", "vision_model.") + hubText.below("text.", "text_model.")

    /// One tower that was saved alone, which newer versions do without a word before its names.
    fileprivate static func clip(_ tower: String, in checkpoint: Checkpoint) -> KeyMap {
        let isBare = !checkpoint.names.contains { $0.hasPrefix("vision_model.") || $0.hasPrefix("text_model.") }
        guard isBare else { return .clip }
        return (tower == "image" ? hubVision : hubText).below("\(tower).", "") + .clip
    }
}

extension ModelFiles {
    fileprivate func bothTowersOfCLIP(_ config: Config) throws -> Recognised {
        let checkpoint = try checkpoint()
        let vision = config["vision_config"] ?? config["vision_config_dict"] ?? .empty
        let text = config["text_config"] ?? config["text_config_dict"] ?? .empty
        let plan = JointSpace.Plan(
            width: try config.integer("projection_dim", in: 1...65_536, or: 512),
            towers: [
                "image": try .clipVision(vision, self), "text": try .clipText(text, limit: try longestText()),
            ], pairs: [JointSpace.Plan.Pair("image", "text")])
        return Recognised(
            family: "CLIP", plan: plan, checkpoint: checkpoint,
            keyMap: .logits("image_text", in: checkpoint) + .clip,
            assets: ["text": assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["image", "text"])
    }

    /// A tower that was saved alone; without its head its vectors are its encoder's.
    fileprivate func oneTowerOfCLIP(_ config: Config, _ name: String) throws -> Recognised {
        let checkpoint = try checkpoint()
        let head = name == "image" ? "visual_projection.weight" : "text_projection.weight"
        let projection: Projection.Kind = checkpoint[head] == nil ? .none : .matrix
        let tower: JointSpace.Plan.Tower =
            try name == "image"
            ? .clipVision(config, self, projection: projection)
            : .clipText(config, limit: longestText(), projection: projection)
        let width = try config.integer(
            projection == .none ? "hidden_size" : "projection_dim", in: 1...65_536, or: name == "image" ? 768 : 512)
        return Recognised(
            family: "CLIP", plan: JointSpace.Plan(width: width, towers: [name: tower]), checkpoint: checkpoint,
            keyMap: .clip(name, in: checkpoint),
            assets: name == "text" ? ["text": assets(JointSpace.Plan.Tower.tokenizerFiles)] : [:], frozen: [name])
    }
}

extension KeyMap {
    /// The scale and bias of a pair as CLIP and SigLIP store them, scalars or lists of one.
    static func logits(_ pair: String, in checkpoint: Checkpoint) -> KeyMap {
        KeyMap(
            [("log_scale", "logit_scale"), ("bias", "logit_bias")].map { ours, theirs in
                let isList = checkpoint[theirs]?.shape.count == 1
                return isList
                    ? Rule("pairs.\(pair).\(ours)", theirs, .squeezed([0])) : Rule("pairs.\(pair).\(ours)", theirs)
            })
    }
}
