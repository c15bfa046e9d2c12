public import BinderyBinding

extension Modality {
    /// Text: Transformers over tokens, and bags of word vectors.
    ///
    /// `bert`, `roberta`, `gpt2`, `clip` and `siglip` are one network with the families' own defaults; README.md in this
    /// folder lists the keys of their configurations. Tokenizers are read from the assets.
    public static let text = TextShape.Family.allCases.reduce(Modality("text")) { modality, family in
        modality.encoder(family.rawValue) { config, scope, assets in
            let shape = try TextShape(family, config)
            return TextTransformer(shape, tokenizer: try shape.tokenizer.read(assets), scope)
        }
    }
}
