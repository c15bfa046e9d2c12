public import BinderyBinding
import BinderyLayers

extension Modality {
    /// Text: Transformers over tokens, and bags of word vectors.
    ///
    /// `bert`, `roberta`, `gpt2`, `clip` and `siglip` are one network with the families' own defaults, `cbow` is the mean of
    /// word vectors; README.md in this folder lists the keys of their configurations. Tokenizers and word lists are read
    /// from the assets.
    public static let text = TextShape.Family.allCases.reduce(
        Modality("text").encoder("cbow", wordBag).inspected(by: .texts)
    ) {
        modality, family in
        modality.encoder(family.rawValue) { config, scope, assets in
            let shape = try TextShape(family, config)
            let tokenizer = try tokenizer(of: shape, assets)
            if let width = try? tokenizer.get().frameWidth, width >= shape.limit {
                throw ConfigError.inconsistent(
                    "limit (\(shape.limit)) leaves no room beside the tokenizer's \(width) special tokens")
            }
            return TextTransformer(shape, tokenizer: tokenizer, scope)
        }
    }

    /// The tokenizer, or that there is none: models come without a vocabulary, and need one for texts alone.
    private static func tokenizer(
        of shape: TextShape, _ assets: Assets
    ) throws -> Result<Tokenizer, TokenizerError> {
        do {
            var tokenizer = try shape.tokenizer.read(assets)
            tokenizer.preparation = shape.cleaning.steps + tokenizer.preparation
            return .success(tokenizer)
        } catch let error as TokenizerError {
            guard case .missing(let looked, _) = error else { throw error }
            return .failure(.missing(looked: looked, origin: assets.origin))
        }
    }

    /// A bag of words from the list `words.txt` among the assets, one word per line.
    private static let wordBag: Make = { config, scope, assets in
        try config.allow(only: ["words", "width"])
        guard let list = try assets["words.txt"] else { throw TokenizerError.missing(looked: ["words.txt"]) }
        let words = try Vocabulary(lines: list, name: "words.txt")
        let count = try config.integer("words", in: 1...1 << 24)
        guard words.largestID < count else {
            throw ConfigError.inconsistent("words.txt has \(words.largestID + 1) lines where words is \(count)")
        }
        return WordBag(words, count: count, width: try config.integer("width", in: 1...65_536), scope)
    }
}

extension TextShape.Cleaning {
    /// The steps, in order.
    fileprivate var steps: [Normalizer] {
        let basic: [Normalizer] = [.repair, .unescapeHTML, .unescapeHTML]
        let tidy: [Normalizer] = [.collapseSpaces, .strip(left: true, right: true, python: true)]
        switch self {
        case .none: return []
        case .whitespace: return basic + tidy
        case .lower: return basic + tidy + [.lowercase(finalSigma: true)]
        case .canonical:
            return basic + [.underscoresToSpaces, .deleteASCIIPunctuation, .lowercase(finalSigma: true)] + tidy
        }
    }
}

extension Normalizer {
    fileprivate static let underscoresToSpaces = Normalizer.replace(.literal(["_"]), with: [" "])
}
