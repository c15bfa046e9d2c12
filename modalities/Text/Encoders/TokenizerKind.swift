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
            if let model = try file("spiece.model") { return try .sigLIP(model: model.data) }
            // A tokenizer.json of SigLIP lacks what the reference does in Python before it calls sentencepiece.
            if let json = try file("tokenizer.json") {
                return try Tokenizer(json: json.data).cleaning(first: Normalizer.sigLIP(lowercase: true))
            }
            throw TokenizerError.missing(looked: ["spiece.model", "tokenizer.json"])
        case .sigLIP2:
            guard let json = try file("tokenizer.json") else {
                throw TokenizerError.missing(looked: ["tokenizer.json"])
            }
            return try Tokenizer(json: json.data).cleaning(first: [.lowercase(finalSigma: false)])
        case .wordPiece:
            if let json = try file("tokenizer.json") { return try Tokenizer(json: json.data) }
            if let lines = try file("vocab.txt") {
                let lowercase = try settings(assets)?["do_lower_case"]?.asBool ?? true
                return try .wordPiece(vocabulary: lines.data, lowercase: lowercase)
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
                return self == .roberta
                    ? try .roberta(vocabulary: vocabulary.data, merges: merges.data)
                    : try .gpt2(vocabulary: vocabulary.data, merges: merges.data)
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
}
