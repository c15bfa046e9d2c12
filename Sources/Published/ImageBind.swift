import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// ImageBind (Girdhar and others 2023): six senses around pictures, in one file without configuration.
    ///
    /// Widths and numbers of blocks are told by shapes, heads by a `config.json` beside the file or by the published
    /// widths. Pictures and video share their weights.
    static let imageBind = Family(name: "ImageBind") { files in
        let checkpoint = try files.checkpoint()
        let said = try files.config() ?? .empty
        let prefix = ["", "module.", "model."].first { checkpoint[$0 + ImageBindSense.stem("vision")] != nil }
        guard let prefix, let head = checkpoint["\(prefix)modality_heads.vision.2.weight"]?.shape, head.count == 2
        else {
            return .unlike("no modality_preprocessors, modality_trunks and modality_heads")
        }
        let senses = ImageBindSense.all.filter {
            checkpoint[prefix + "modality_heads.\($0.name).\($0.head).weight"] != nil
        }
        var towers: [String: JointSpace.Plan.Tower] = [:]
        var map = KeyMap([], prefixes: prefix.isEmpty ? [] : [prefix])
        for sense in senses {
            for tower in sense.towers {
                towers[tower] = JointSpace.Plan.Tower(
                    encoder: tower == "text" ? "text/clip" : "\(tower)/imagebind",
                    config: try sense.config(checkpoint, prefix, said, files.url.path), projection: .matrix)
                map = map + sense.keyMap(below: "\(tower).")
            }
        }
        let pairs = ImageBindSense.pairs(of: senses)
        map = map + KeyMap(pairs.map(\.rule))
        map.ignoring += ["modality_postprocessors.vision.*"]
        let space = JointSpace.Plan(width: head[0], towers: towers, pairs: pairs.map(\.pair))
        return .known(
            Recognised(
                family: "ImageBind", plan: space, checkpoint: checkpoint, keyMap: map,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)],
                tokenizer: KeyMap.clipVocabulary, frozen: towers.keys.sorted(),
                notes: ["published under CC BY-NC-SA 4.0: not for commercial use"], boundsScales: true,
                twins: towers["video"] == nil ? [:] : ["video": "image"]))
    }
}

private typealias Rule = KeyMap.Rule

/// One of ImageBind's senses: where its parts lie in the file.
private struct ImageBindSense {
    /// The file's word.
    let name: String
    /// Our words.
    let towers: [String]
    /// The published sizes: width, and heads of every attention.
    let width: Int
    let heads: Int
    /// The number of the head's matrix among the head's parts.
    var head = "2"
    /// How many times the cosine its logits are, where the file's own value is not learned.
    var scale: Double?

    static let all = [
        ImageBindSense(name: "vision", towers: ["image", "video"], width: 1280, heads: 16),
        ImageBindSense(name: "text", towers: ["text"], width: 1024, heads: 16, head: "proj.1"),
        ImageBindSense(name: "audio", towers: ["audio"], width: 768, heads: 12, scale: 20),
        ImageBindSense(name: "depth", towers: ["depth"], width: 384, heads: 8, scale: 5),
        ImageBindSense(name: "thermal", towers: ["thermal"], width: 768, heads: 12, scale: 10),
        ImageBindSense(name: "imu", towers: ["imu"], width: 512, heads: 8, head: "3", scale: 5),
    ]

    static func stem(_ name: String) -> String {
        switch name {
        case "vision": "modality_preprocessors.vision.rgbt_stem.proj.1.weight"
        case "text": "modality_preprocessors.text.token_embedding.weight"
        case "depth", "imu": "modality_preprocessors.\(name).\(name)_stem.proj.weight"
        default: "modality_preprocessors.\(name).rgbt_stem.proj.weight"
        }
    }

    /// Every two senses, and where their scale comes from: the file scales the vectors themselves, so that two senses
    /// meet at the product of what both are scaled by; that of pictures is 1, and that of texts alone was learned.
    static func pairs(of senses: [ImageBindSense]) -> [(pair: JointSpace.Plan.Pair, rule: Rule)] {
        let scaled = senses.filter { $0.name != "vision" }
        let towers = senses.first { $0.name == "vision" }?.towers ?? []
        let withPictures = towers.flatMap { tower in scaled.map { $0.pair(after: tower, scaledBy: 1) } }
        let others = scaled.indices.flatMap { index in
            scaled[(index + 1)...].map { $0.paired(with: scaled[index]) }
        }
        return withPictures + others
    }

    /// The pair with another scaled sense, whose fixed scale multiplies the one that is read.
    private func paired(with other: ImageBindSense) -> (pair: JointSpace.Plan.Pair, rule: Rule) {
        if let scale { return other.pair(after: name, scaledBy: scale) }
        return pair(after: other.name, scaledBy: other.scale ?? 1)
    }

    private func pair(after tower: String, scaledBy factor: Double) -> (pair: JointSpace.Plan.Pair, rule: Rule) {
        let pair = JointSpace.Plan.Pair(
            tower, name, scale: (scale ?? 1 / 0.07) * factor, isLearned: scale == nil && tower == "image",
            most: scale == nil ? 100 * factor : nil)
        let source = "modality_postprocessors.\(name).1.log_logit_scale"
        let ours = "pairs.\(pair.name).log_scale"
        return (pair, factor == 1 ? Rule(ours, source) : Rule(ours, source, .shifted(Float(log(factor)))))
    }

    /// The encoder's configuration, as shapes tell it; throws when something it needs is not told.
    func config(_ checkpoint: Checkpoint, _ prefix: String, _ said: Config, _ path: String) throws -> Config {
        func lack(_ what: String) -> PublishedError { .incomplete(path, family: "ImageBind", lacks: what) }
        func shape(_ name: String, _ rank: Int) throws -> [Int] {
            guard let shape = checkpoint[prefix + name]?.shape, shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
                throw lack("\(name) of \(rank) axes")
            }
            return shape
        }
        let block = "\(prefix)modality_trunks.\(name).blocks."
        let layers = (0...1024).first { checkpoint["\(block)\($0).norm_1.weight"] == nil } ?? 0
        let stem = try shape(Self.stem(name), name == "vision" ? 5 : ["text", "imu"].contains(name) ? 2 : 4)
        let width = name == "text" ? stem[1] : stem[0]
        let heads = try said.integer("\(name)_num_heads", in: 1...1024, or: width == self.width ? self.heads : 0)
        guard heads > 0 else { throw lack("\(name)_num_heads in a config.json beside it: \(name) is \(width) wide") }
        let common: Config = ["width": .integer(width), "layers": .integer(layers), "heads": .integer(heads)]
        func tokens(_ name: String) throws -> Int { try shape("modality_preprocessors.\(name)", 3)[1] - 1 }
        switch name {
        case "text":
            let positions = try shape("modality_preprocessors.text.pos_embed", 3)[1]
            return common.setting("vocabulary", to: .integer(stem[0])).setting("positions", to: .integer(positions))
                .setting("limit", to: .integer(positions)).setting("activation", to: "gelu")
                .setting("epsilon", to: 1e-6).setting("tokenizer", to: "clip_openai")
        case "imu":
            let stretch = stem[1] / 6
            return common.setting("stretch", to: .integer(stretch))
                .setting("samples", to: .integer(try tokens("imu.pos_embed") * stretch))
        case "audio":
            return common.setting("patch", to: .integer(stem[3]))
                .setting("stride", to: .integer(try said.integer("audio_stride", in: 1...256, or: 10)))
                .setting("bins", to: .integer(try said.integer("audio_num_mel_bins", in: 1...512, or: 128)))
                .setting("frames", to: .integer(try said.integer("audio_target_len", in: 1...65_536, or: 204)))
        default:
            let patches = try tokens("\(name).pos_embedding_helper.pos_embed")
            let side = Int(Double(patches).squareRoot().rounded())
            let patch = stem[stem.count - 1]
            let sized = common.setting("patch", to: .integer(patch)).setting("size", to: .integer(side * patch))
            return name == "vision" ? sized.setting("frames", to: .integer(stem[2])) : sized
        }
    }

    /// From the file's names to ours.
    func keyMap(below path: String) -> KeyMap {
        let (entry, heads) = ("modality_preprocessors.\(name)", "modality_heads.\(name)")
        let projection = Rule("projection.weight", "\(heads).\(head).weight")
        if name == "text" { return (KeyMap([projection]) + KeyMap.imageBindText).below(path, "") }
        let stem = Self.stem(name)
        var rules = [
            projection,
            Rule("class_token", "\(entry).cls_token", .squeezed([0, 1])),
            Rule("positions", "\(entry).pos_embedding_helper.pos_embed", .squeezed([0])),
            Rule("positions", "\(entry).pos_embed", .squeezed([0])),
            Rule("final_norm.{kind}", "\(heads).0.{kind}"),
            Rule("entry_norm.{kind}", "modality_trunks.\(name).pre_transformer_layer.0.{kind}"),
        ]
        if name == "vision" {
            rules.append(Rule("stem.weight", stem, .permuted([0, 2, 1, 3, 4])))
        } else {
            rules.append(Rule("stem.weight", stem))
            rules.append(
                Rule("stem.norm.{kind}", stem.replacing("proj.weight", with: "norm_layer.{kind}")))
        }
        for (ours, theirs) in [("extra_key", "bias_k"), ("extra_value", "bias_v")] {
            rules.append(
                Rule(
                    "blocks.{n}.attention.\(ours)", "modality_trunks.\(name).blocks.{n}.attn.\(theirs)",
                    .squeezed([0, 1])))
        }
        rules += KeyMap.fusedBlocks(
            "modality_trunks.\(name).blocks.{n}", norms: ("norm_1", "norm_2"), feedForward: ("mlp.fc1", "mlp.fc2"))
        return KeyMap(rules).below(path, "")
    }
}
