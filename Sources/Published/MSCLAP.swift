import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// Microsoft's CLAP of 2022 (CNN14 and BERT) and of 2023 (HTSAT and GPT-2; Elizalde and others 2023, 2024) as their
    /// authors publish them: one file of weights, sizes told by names and shapes.
    ///
    /// A `config.json` beside the file wins; the tokenizer lies beside it or in a folder `tokenizer` there.
    static let msCLAP = Family(name: "MS-CLAP") { files in
        let checkpoint = try files.checkpoint()
        let prefixes = ["module."]
        let heard = FileShapes(checkpoint, below: "audio_encoder.base.", prefixes: prefixes)
        let read = FileShapes(checkpoint, below: "caption_encoder.base.", prefixes: prefixes)
        guard !heard.isEmpty, !read.isEmpty else {
            return .unlike("no audio_encoder.base and caption_encoder.base")
        }
        let heads = FileShapes(checkpoint, below: "audio_encoder.projection.", prefixes: prefixes)
        guard let width = heads["linear1.weight", 0] else {
            throw PublishedError.incomplete(files.url.path, family: "MS-CLAP", lacks: "a projection")
        }
        let said = try files.config() ?? .empty
        let (audio, audioMap) = try files.msCLAPAudio(heard, said)
        let (text, textMap) = try files.msCLAPText(read, said)
        var map = KeyMap([Rule("pairs.audio_text.log_scale", "logit_scale")])
        map = map + residual("audio", "audio_encoder") + residual("text", "caption_encoder")
        map = map + audioMap.below("audio.", "audio_encoder.base.")
        map = map + textMap.below("text.", "caption_encoder.base.")
        map.prefixes = prefixes
        return .known(
            Recognised(
                family: "MS-CLAP",
                plan: JointSpace.Plan(
                    width: width, towers: ["audio": audio, "text": text], pairs: [.init("audio", "text")]),
                checkpoint: checkpoint, keyMap: map,
                assets: ["text": files.assets(JointSpace.Plan.Tower.tokenizerFiles)],
                tokenizer: [
                    "text/gpt2": "openai-community/gpt2", "text/roberta": "FacebookAI/roberta-base",
                    "text/bert": "google-bert/bert-base-uncased",
                ][text.encoder],
                frozen: ["audio", "text"],
                notes: [
                    "longer sounds: windows side by side, their vectors averaged",
                    "channels of a sound are heard one after the other, as its authors have it",
                ]))
    }

    /// The head that both sides have.
    private static func residual(_ tower: String, _ theirs: String) -> KeyMap {
        KeyMap([
            Rule("\(tower).projection.first.weight", "\(theirs).projection.linear1.weight"),
            Rule("\(tower).projection.second.weight", "\(theirs).projection.linear2.weight"),
            Rule("\(tower).projection.norm.{kind}", "\(theirs).projection.layer_norm.{kind}"),
        ])
    }

    private typealias Rule = KeyMap.Rule
}

extension ModelFiles {
    fileprivate typealias Part = (tower: JointSpace.Plan.Tower, map: KeyMap)

    /// The tower that hears.
    fileprivate func msCLAPAudio(_ shapes: FileShapes, _ said: Config) throws -> Part {
        let inside = shapes.below("htsat.")
        let (kind, sizes, map, rate, seconds): (String, Config, KeyMap, Int, Int)
        let spectrum: Int?
        if let cnn14 = shapes.cnn14 {
            sizes = [
                "widths": .list(cnn14.widths.map { .integer($0) }), "embedding": .integer(cnn14.embedding),
                "outputDropout": 0.5,
            ]
            (kind, map, rate, seconds) = ("audio/cnn14", .pannsCNN14, 44_100, 5)
            spectrum = cnn14.spectrum
        } else if let htsat = inside.htsat {
            (kind, sizes, map, rate, seconds) = ("audio/htsat", htsat, .originalHTSAT.below("", "htsat."), 32_000, 7)
            spectrum = inside.spectrum
        } else {
            throw PublishedError.incomplete(url.path, family: "MS-CLAP", lacks: "a CNN14 or an HTSAT")
        }
        let bins = shapes["bn0.weight", 0] ?? inside["bn0.weight", 0] ?? 64
        let window = try said.integer("window_size", in: 16...65_536, or: ((spectrum ?? 513) - 1) * 2)
        let featured = try said.integer("sample_rate", in: 1000...768_000, or: rate)
        // HTSAT keeps its own 32 kHz for the filters, whatever its authors' wrapper feeds it.
        let fed = try said.integer("sampling_rate", in: 1000...768_000, or: kind == "audio/htsat" ? 44_100 : featured)
        let features: Config = [
            "rate": .integer(featured),
            "window": .integer(window), "hop": .integer(try said.integer("hop_size", in: 1...65_536, or: 320)),
            "bins": .integer(bins), "low": .number(try said.number("fmin", in: 0...384_000, or: 50)),
            "high": .number(try said.number("fmax", in: 1...384_000, or: 14_000)),
        ]
        let hearing: [String: Config] = [
            "features": features, "rate": .integer(fed), "short": "repeat", "resampler": "sinc",
            "mixing": "concatenated",
            "seconds": .number(try said.number("duration", in: 0.1...600, or: Double(seconds))),
        ]
        let config = Config.map((sizes.asMap ?? [:]).merging(hearing) { $1 })
        return (JointSpace.Plan.Tower(encoder: kind, config: config, projection: .residual), map)
    }

    /// The tower that reads.
    fileprivate func msCLAPText(_ shapes: FileShapes, _ said: Config) throws -> Part {
        let heads = said["heads"] == nil ? nil : try said.integer("heads", in: 1...1024)
        let width = shapes["embeddings.word_embeddings.weight", 1] ?? shapes["wte.weight", 1] ?? 0
        guard heads != nil || width % 64 == 0 else {
            throw PublishedError.incomplete(
                url.path, family: "MS-CLAP", lacks: "a config.json with the heads of its text encoder")
        }
        if let bert = shapes.bert(heads: heads) {
            let isRoberta = said["text_model"]?.asText?.contains("roberta") ?? (bert["type_vocab_size"] == 1)
            let tower = try JointSpace.Plan.Tower.bertText(
                isRoberta ? bert.setting("layer_norm_eps", to: 1e-5) : bert, isRoberta: isRoberta, pooling: "first",
                limit: try said.integer("text_len", in: 4...1 << 20, or: 100), projection: .residual)
            var map = KeyMap.bertText
            map.ignoring.append("pooler.*")
            return (tower, map)
        }
        guard var config = shapes.gpt2(heads: heads) else {
            throw PublishedError.incomplete(url.path, family: "MS-CLAP", lacks: "a BERT or a GPT-2")
        }
        let positions = config["positions"]?.asInteger ?? 1024
        let limit = min(try said.integer("text_len", in: 4...1 << 20, or: 77), positions)
        config = config.setting("limit", to: .integer(limit)).setting("pooling", to: "counted")
            .setting("suffix", to: " <|endoftext|>")
        return (JointSpace.Plan.Tower(encoder: "text/gpt2", config: config, projection: .residual), .gpt2Text)
    }
}
