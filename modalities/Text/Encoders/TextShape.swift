import BinderyLayers

/// What tells one text Transformer from another: sizes, order, attention, positions, pooling.
struct TextShape: Sendable {
    /// Which of the vectors at the end of a text becomes its embedding.
    enum Pooling: String, CaseIterable, Sendable {
        /// The mean over the tokens.
        case mean
        /// The first token (BERT's [CLS]).
        case first
        /// The first token through a dense layer and tanh (BERT's pooler).
        case pooler
        /// The last token, padding included where texts are filled up (SigLIP).
        case last
        /// The token with the largest id, the first of them: OpenAI's way to find the end.
        case largest
        /// The first token with the id `end`, or the first token where there is none.
        case end
        /// A learned token behind the text, which does not look at itself (CoCa).
        case added
        /// As many tokens on as ids differ from 0, less one (MS-CLAP 2023, whose padding is 0).
        case counted
    }

    /// What open_clip does to texts whose tokenizer is not its own.
    enum Cleaning: String, CaseIterable, Sendable {
        /// Nothing.
        case none
        /// Mojibake repaired, character references resolved, spaces collapsed.
        case whitespace
        /// The same in small letters.
        case lower
        /// The same without ASCII punctuation, too.
        case canonical
    }

    var blocks: TransformerShape
    /// Rows of the token table.
    var vocabulary: Int
    /// Rows of the position table.
    var positions: Int
    /// Rows of the table of token types; 0 for none.
    var types = 0
    /// Layer norm on the sum of the embeddings.
    var normsEmbeddings = false
    /// Layer norm on the result of the last block.
    var normsResult = true
    var isCausal = true
    /// Positions start at the row after the padding's, and padding in the text does not count (RoBERTa).
    var skipsPadding = false
    /// Every text is filled up to the limit, and padding is attended to like any token (SigLIP).
    var isFilledUp = false
    var pooling: Pooling
    /// Whether the vectors are made unit before anything else sees them (sentence-transformers' Normalize).
    var isUnit = false
    /// The most tokens of a text, special ones included.
    var limit: Int
    /// The id that fills rows up.
    var padding = 0
    /// The id that `Pooling.end` looks for.
    var end = 0
    /// Put after each text before it is cut into tokens (MS-CLAP 2023: " <|endoftext|>").
    var suffix = ""
    /// What is done to a text before the tokenizer sees it.
    var cleaning = Cleaning.none
    /// The id that gives way to the padding's (CLIPA leaves out BERT's separator); nil for none.
    var blank: Int?
    var tokenizer: TokenizerKind
}

extension TextShape {
    /// Families of text encoders; each is what its key words mean unless a configuration says otherwise.
    enum Family: String, CaseIterable, Sendable {
        case bert, roberta, gpt2, clip, siglip

        fileprivate var shape: TextShape {
            switch self {
            case .bert:
                var shape = TextShape(
                    blocks: .base(.gelu, .postNorm, 1e-12), vocabulary: 30522, positions: 512, pooling: .mean,
                    limit: 512, tokenizer: .wordPiece)
                shape.types = 2
                (shape.normsEmbeddings, shape.normsResult, shape.isCausal) = (true, false, false)
                return shape
            case .roberta:
                var shape = TextShape(
                    blocks: .base(.gelu, .postNorm, 1e-5), vocabulary: 50265, positions: 514, pooling: .pooler,
                    limit: 512, padding: 1, tokenizer: .roberta)
                shape.types = 1
                (shape.normsEmbeddings, shape.normsResult, shape.isCausal) = (true, false, false)
                shape.skipsPadding = true
                return shape
            case .gpt2:
                return TextShape(
                    blocks: .base(.geluTanh, .preNorm, 1e-5), vocabulary: 50257, positions: 1024, pooling: .last,
                    limit: 1024, tokenizer: .gpt2)
            case .clip:
                var blocks = TransformerShape.base(.quickGELU, .preNorm, 1e-5)
                (blocks.width, blocks.heads, blocks.hidden) = (512, 8, 2048)
                return TextShape(
                    blocks: blocks, vocabulary: 49408, positions: 77, pooling: .largest, limit: 77, end: 49407,
                    tokenizer: .clip)
            case .siglip:
                var shape = TextShape(
                    blocks: .base(.geluTanh, .preNorm, 1e-6), vocabulary: 32000, positions: 64, pooling: .last,
                    limit: 64, padding: 1, tokenizer: .sigLIP)
                (shape.isCausal, shape.isFilledUp) = (false, true)
                return shape
            }
        }
    }

    /// The keys that a configuration may have.
    static let keys = [
        "vocabulary", "positions", "types", "width", "layers", "heads", "hidden", "activation", "epsilon", "dropout",
        "causal", "fill", "pooling", "unit", "limit", "padding", "end", "suffix", "tokenizer",
        "clean", "blank", "layerScale",
    ]

    /// The shape that `config` describes, everything it leaves out as the family has it.
    init(_ family: Family, _ config: Config) throws(ConfigError) {
        try config.allow(only: TextShape.keys)
        self = family.shape
        vocabulary = try config.integer("vocabulary", in: 1...1 << 24, or: vocabulary)
        positions = try config.integer("positions", in: 1...1 << 20, or: positions)
        types = try config.integer("types", in: 0...1024, or: types)
        blocks.width = try config.integer("width", in: 1...65_536, or: blocks.width)
        blocks.layers = try config.integer("layers", in: 0...1024, or: blocks.layers)
        blocks.heads = try config.integer("heads", in: 1...1024, or: blocks.heads)
        blocks.hidden = try config.integer("hidden", in: 1...262_144, or: blocks.width * 4)
        blocks.activation = try config.choice("activation", or: blocks.activation)
        blocks.epsilon = Float(try config.number("epsilon", in: 0...1, or: Double(blocks.epsilon)))
        blocks.dropout = try config.number("dropout", in: 0...0.99, or: 0)
        isCausal = try config.bool("causal", or: isCausal)
        isFilledUp = try config.bool("fill", or: isFilledUp)
        pooling = try config.choice("pooling", or: pooling)
        isUnit = try config.bool("unit", or: false)
        padding = try config.integer("padding", in: 0...vocabulary - 1, or: min(padding, vocabulary - 1))
        end = try config.integer("end", in: 0...1 << 24, or: end)
        suffix = try config.text("suffix", or: "")
        tokenizer = try config.choice("tokenizer", or: tokenizer)
        cleaning = try config.choice("clean", or: cleaning)
        blank = config["blank"] == nil ? nil : try config.integer("blank", in: 0...1 << 24)
        blocks.layerScale =
            config["layerScale"] == nil ? nil : Float(try config.number("layerScale", in: -1e6...1e6))
        guard blocks.width % blocks.heads == 0 else {
            throw .inconsistent("heads (\(blocks.heads)) must divide width (\(blocks.width))")
        }
        // The row that padding itself would have is never used by a text.
        let rows = positions - (skipsPadding ? padding + 1 : 0)
        let room = pooling == .added ? rows - 1 : rows
        guard room >= 4 else { throw .inconsistent("positions (\(positions)) leave no room for a text") }
        limit = try config.integer("limit", in: 4...room, or: min(family.shape.limit, room))
    }
}

extension TransformerShape {
    /// Twelve blocks 768 wide, the size that most families call base.
    fileprivate static func base(_ activation: Activation, _ order: Order, _ epsilon: Float) -> TransformerShape {
        TransformerShape(
            width: 768, layers: 12, heads: 12, hidden: 3072, activation: activation, order: order, epsilon: epsilon)
    }
}
