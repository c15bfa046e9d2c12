import BinderyBinding
import BinderyLayers
import Foundation

/// The kinds of tokenizers by the words that configurations use, and the files that each is read from.
enum TokenizerKind: String, CaseIterable, Sendable {
    case wordPiece = "wordpiece"
    case roberta
    case gpt2
    /// CLIP as transformers reads it.
    case clip
    /// CLIP as OpenAI and ImageBind read it.
    case clipOpenAI = "clip_openai"
    /// CLIP as open_clip reads it.
    case clipOpenCLIP = "clip_openclip"
    case sigLIP = "siglip"
    /// Gemma's vocabulary over small letters.
    case sigLIP2 = "siglip2"

    /// The tokenizer that `assets` hold; throws when none of its files is there or one is damaged.
    func read(_ assets: Assets) throws -> Tokenizer {
        func file(_ names: String...) throws -> (name: String, data: Data)? {
            for name in names { if let data = try assets[name] { return (name, data) } }
            return nil
        }
        switch self {
        case .clipOpenAI, .clipOpenCLIP:
            let cleaning: CLIPCleaning = self == .clipOpenAI ? .openAI : .openCLIP
            if let merges = try file("bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt", "merges.txt") {
                return try .clip(merges: merges.data, cleaning, name: merges.name)
            }
            if let json = try file("tokenizer.json") { return try .clip(json: json.data, cleaning) }
            throw TokenizerError.missing(looked: ["bpe_simple_vocab_16e6.txt.gz", "merges.txt", "tokenizer.json"])
        case .sigLIP:
            let settings = try settings(assets)
            let lowercase = settings?["do_lower_case"]?.asBool ?? true
            if let model = try file("spiece.model") {
                let tokenizer = try Tokenizer.sigLIP(model: model.data, lowercase: lowercase)
                return tokenizer.fillingUp(settings, or: tokenizer.padding)
            }
            // A tokenizer.json of SigLIP lacks what the reference does in Python before it calls sentencepiece.
            if let json = try file("tokenizer.json") {
                return try Tokenizer(json: json.data).cleaning(first: Normalizer.sigLIP(lowercase: lowercase))
                    .fillingUp(settings)
            }
            throw TokenizerError.missing(looked: ["spiece.model", "tokenizer.json"])
        case .sigLIP2:
            guard let json = try file("tokenizer.json") else {
                throw TokenizerError.missing(looked: ["tokenizer.json"])
            }
            return try Tokenizer(json: json.data).cleaning(first: [.lowercase(finalSigma: false)])
                .fillingUp(settings(assets))
        case .wordPiece:
            if let json = try file("tokenizer.json") { return try Tokenizer(json: json.data) }
            if let lines = try file("vocab.txt") {
                let settings = try settings(assets)
                return try .wordPiece(
                    vocabulary: lines.data, lowercase: settings?["do_lower_case"]?.asBool ?? true,
                    stripAccents: settings?["strip_accents"]?.asBool,
                    ideographs: settings?["tokenize_chinese_chars"]?.asBool ?? true)
            }
            throw TokenizerError.missing(looked: ["tokenizer.json", "vocab.txt"])
        case .roberta, .gpt2, .clip:
            if let json = try file("tokenizer.json") { return try Tokenizer(json: json.data) }
            if self == .clip, let vocabulary = try file("vocab.json"), let merges = try file("merges.txt") {
                return try .clip(vocabulary: vocabulary.data, merges: merges.data)
            }
            if self == .clip, let merges = try file("merges.txt", "bpe_simple_vocab_16e6.txt.gz") {
                return try .clip(merges: merges.data, .huggingFace, name: merges.name)
            }
            if let vocabulary = try file("vocab.json"), let merges = try file("merges.txt") {
                let prefixSpace = try settings(assets)?["add_prefix_space"]?.asBool ?? false
                return self == .roberta
                    ? try .roberta(vocabulary: vocabulary.data, merges: merges.data, prefixSpace: prefixSpace)
                    : try .gpt2(vocabulary: vocabulary.data, merges: merges.data, prefixSpace: prefixSpace)
            }
            throw TokenizerError.missing(looked: ["tokenizer.json", "vocab.json", "merges.txt"])
        }
    }

    private func settings(_ assets: Assets) throws -> Config? {
        try assets["tokenizer_config.json"].map { try JSONDecoder().decode(Config.self, from: $0) }
    }

    /// Every file that some kind is read from: what a published folder hands to its text tower.
    static let files = [
        "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
        "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt", "spiece.model",
    ]
}

extension Tokenizer {
    /// The same tokenizer with further steps before its own.
    fileprivate func cleaning(first steps: [Normalizer]) -> Tokenizer {
        var tokenizer = self
        tokenizer.normalizers = steps + normalizers
        return tokenizer
    }

    /// The same tokenizer with what a `tokenizer_config.json` fills texts up with, and on which side; where it names no
    /// token of the vocabulary, that is `usual`.
    fileprivate func fillingUp(_ settings: Config?, or usual: Int? = nil) -> Tokenizer {
        var tokenizer = self
        let word = settings?["pad_token"]
        tokenizer.padding = (word?.asText ?? word?["content"]?.asText).flatMap { id(of: $0) } ?? usual
        // Gemma's classes fill up on the left unless they are told otherwise.
        let onTheLeft = ["GemmaTokenizer", "GemmaTokenizerFast", "Siglip2Tokenizer"]
        let isGemma = onTheLeft.contains(settings?["tokenizer_class"]?.asText ?? "")
        tokenizer.padsLeft = (settings?["padding_side"]?.asText ?? (isGemma ? "left" : "right")) == "left"
        return tokenizer
    }
}
