import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// GPT-2 (Radford and others 2019) as transformers saves it; a text's vector is that of its last token behind the last
    /// norm, what a classifier would see.
    static let gpt2 = Family(name: "GPT-2") { files in
        guard let config = try files.config() else { return .unlike("no config.json") }
        let type = config["model_type"]?.asText ?? "no model_type"
        guard type == "gpt2" else { return .unlike("model_type is \(type)") }
        for key in ["scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention"]
        where try config.bool(key, or: false) {
            throw PublishedError.incomplete(files.url.path, family: "GPT-2", lacks: "support for its \(key)")
        }
        guard try config.bool("scale_attn_weights", or: true) else {
            throw PublishedError.incomplete(
                files.url.path, family: "GPT-2", lacks: "support for attention without scale_attn_weights")
        }
        let width = try config.integer("n_embd", in: 1...65_536, or: 768)
        let positions = try config.integer("n_positions", in: 4...1 << 20, or: 1024)
        let activation = try config.activation("activation_function", or: .geluTanh)
        let tower = JointSpace.Plan.Tower(
            encoder: "text/gpt2",
            config: [
                "vocabulary": .integer(try config.integer("vocab_size", in: 1...1 << 24, or: 50257)),
                "positions": .integer(positions), "width": .integer(width),
                "limit": .integer(max(min(try files.longestText() ?? positions, positions), 4)),
                "layers": .integer(try config.integer("n_layer", in: 0...1024, or: 12)),
                "heads": .integer(try config.integer("n_head", in: 1...1024, or: 12)),
                "hidden": .integer(try config.integer("n_inner", in: 1...262_144, or: 4 * width)),
                "epsilon": .number(try config.number("layer_norm_epsilon", in: 0...1, or: 1e-5)),
                "activation": .text(activation.rawValue), "pooling": "last",
            ])
        var map = KeyMap.gpt2Text.below("text.", "")
        map.prefixes = ["transformer."]
        map.ignoring += ["lm_head.*", "score.*"]
        return .known(
            Recognised(
                family: "GPT-2", plan: JointSpace.Plan(width: width, towers: ["text": tower]),
                checkpoint: try files.checkpoint(), keyMap: map,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)], frozen: ["text"],
                notes: ["the vector of a text is that of its last token"]))
    }
}
