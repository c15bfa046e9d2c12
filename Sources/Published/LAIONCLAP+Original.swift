import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// LAION-CLAP as its authors publish it (`music_audioset_epoch_15_esc_90.14.pt`): HTSAT and RoBERTa, sizes told by names
    /// and shapes, the tokenizer of roberta-base beside the file; a `config.json` there may say how many `heads` read.
    static let laionCLAPOriginal = Family(name: "LAION-CLAP (original)") { files in
        let checkpoint = try files.checkpoint()
        let prefixes = ["module."]
        let shapes = FileShapes(checkpoint, prefixes: prefixes)
        let (heard, read) = (shapes.below("audio_branch."), shapes.below("text_branch."))
        guard !heard.isEmpty, !read.isEmpty else { return .unlike("no audio_branch and text_branch") }
        guard var audio = heard.htsat, let bins = heard["bn0.weight", 0] else {
            throw PublishedError.incomplete(files.url.path, family: "LAION-CLAP", lacks: "an HTSAT as audio_branch")
        }
        let said = try files.config() ?? .empty
        let heads = said["heads"] == nil ? nil : try said.integer("heads", in: 1...1024)
        guard let text = read.bert(heads: heads), let width = shapes["text_projection.0.weight", 0] else {
            throw PublishedError.incomplete(files.url.path, family: "LAION-CLAP", lacks: "a RoBERTa as text_branch")
        }
        var features: Config = [
            "rate": 48_000, "window": .integer(((heard.spectrum ?? 513) - 1) * 2), "hop": 480,
            "bins": .integer(bins), "low": 50, "high": 14_000,
        ]
        if audio["fusion"]?.asBool == true {
            features = features.setting("scale", to: "htk").setting("areaNormalised", to: false)
        }
        audio = audio.setting("features", to: features).setting("resampler", to: "librosa").setting("rounds", to: true)
        let tower = JointSpace.Plan.Tower(encoder: "audio/htsat", config: audio, projection: .mlp)
        let epsilon = text.setting("layer_norm_eps", to: 1e-5)
        var map = KeyMap.projections("audio", "audio_projection", "0", "2")
        map = map + KeyMap.projections("text", "text_projection", "0", "2")
        map = map + KeyMap.twoScales + KeyMap.originalHTSAT.below("audio.", "audio_branch.")
        map = map + KeyMap.bertText.below("text.", "text_branch.")
        map.ignoring += ["audio_transform.*", "text_transform.*"]
        map.prefixes = prefixes
        return .known(
            Recognised(
                family: "LAION-CLAP",
                plan: JointSpace.Plan(
                    width: width,
                    towers: [
                        "audio": tower,
                        "text": try .bertText(
                            epsilon, isRoberta: true, pooling: "pooler", limit: 77, projection: .mlp),
                    ], pairs: [.init("audio", "text", scale: 1 / 0.07, scaleBack: 1 / 0.07)]),
                checkpoint: checkpoint, keyMap: map,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)],
                tokenizer: "FacebookAI/roberta-base",
                frozen: ["audio", "text"],
                notes: JointSpace.Plan.Tower.notes(ofHTSAT: tower)))
    }
}
