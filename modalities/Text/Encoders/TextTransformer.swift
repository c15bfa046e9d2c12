public import BinderyBinding
public import BinderyLayers
public import BinderyTensors
import Foundation

/// A Transformer over tokens: BERT, RoBERTa, GPT-2 and the text towers of CLIP, SigLIP and ImageBind, told apart by data.
///
/// A clip is a list of token ids, cut to what the network takes. Shapes: `B` texts, `T` tokens, `D` width.
public struct TextTransformer: Encoder {
    private let shape: TextShape
    private let tokenizer: Result<Tokenizer, TokenizerError>
    private let tokens: Embedding
    private let positions: Embedding
    private let types: Embedding?
    private let embeddingNorm: LayerNorm?
    private let dropout: Dropout
    private let blocks: Transformer
    private let finalNorm: LayerNorm?
    private let pooler: Linear?
    private let added: Parameter?

    /// The length of the vectors.
    public var width: Int { shape.blocks.width }

    /// Layers `tokens`, `positions`, `types`, `embedding_norm`, `blocks`, `final_norm`, `pooler` and the token `added` below
    /// `scope`, as far as the shape has them.
    init(_ shape: TextShape, tokenizer: Result<Tokenizer, TokenizerError>, _ scope: Scope) {
        let width = shape.blocks.width
        self.shape = shape
        self.tokenizer = tokenizer
        tokens = Embedding(scope["tokens"], rows: shape.vocabulary, width: width)
        positions = Embedding(scope["positions"], rows: shape.positions, width: width, start: .normal(0.01))
        types = shape.types > 0 ? Embedding(scope["types"], rows: shape.types, width: width) : nil
        let epsilon = shape.blocks.epsilon
        embeddingNorm =
            shape.normsEmbeddings ? LayerNorm(scope["embedding_norm"], width: width, epsilon: epsilon) : nil
        dropout = Dropout(scope["dropout"], rate: shape.blocks.dropout)
        blocks = Transformer(scope["blocks"], shape.blocks)
        finalNorm = shape.normsResult ? LayerNorm(scope["final_norm"], width: width, epsilon: epsilon) : nil
        pooler = shape.pooling == .pooler ? Linear(scope["pooler"], from: width, to: width) : nil
        added = shape.pooling == .added ? scope("added", width, start: .normal(0.01)) : nil
    }

    /// The ids of texts as the network gets them, and how many of each text's did not fit.
    ///
    /// Throws when the model came without a tokenizer.
    public func tokens(of texts: [String]) throws(TokenizerError) -> TokenBatch {
        let tokenizer = try tokenizer.get()
        var batch = tokenizer(texts.map { $0 + shape.suffix }, limit: shape.limit)
        if let blank = shape.blank {
            let ids = batch.ids.map { $0.map { $0 == blank ? shape.padding : $0 } }
            batch = TokenBatch(ids: ids, truncated: batch.truncated)
        }
        // The token that CoCa adds looks at the first number behind the text, too.
        guard shape.isFilledUp || added != nil else { return batch }
        // SigLIP's folders say what their texts are filled up with.
        let isSigLIP = [.sigLIP, .sigLIP2].contains(shape.tokenizer)
        let padding = isSigLIP ? tokenizer.padding ?? shape.padding : shape.padding
        return TokenBatch(
            ids: batch.ids.map { row in
                let room = shape.limit - row.count
                let filling = repeatElement(padding, count: shape.isFilledUp ? room : min(room, 1))
                return tokenizer.padsLeft ? filling + row : row + filling
            }, truncated: batch.truncated)
    }

    /// The ids of one text; throws when the item is no text, or when the tokenizer does not belong to the weights.
    public func clips(of item: Item) throws -> Clips<[Int]> {
        let text = try TextError.text(of: item)
        let ids = try tokens(of: [text]).ids[0]
        if let id = ids.first(where: { $0 >= shape.vocabulary }) { throw TextError.unknownToken(id, shape.vocabulary) }
        return Clips(ids.isEmpty ? [shape.padding] : ids)  // GPT-2 puts nothing around an empty text
    }

    /// How many tokens of a text are beyond the limit.
    public func omission(of item: Item) throws -> String? {
        let batch = try tokens(of: [try TextError.text(of: item)])
        let lost = batch.truncated[0]
        return lost > 0 ? "\(lost) of its \(batch.ids[0].count + lost) tokens" : nil
    }

    /// The number of tokens.
    public func length(of clip: [Int]) -> Int { clip.count }

    /// One vector per text: [B, width].
    public func callAsFunction(_ clips: [[Int]], _ pass: Pass) -> Tensor {
        let vectors = pooled(clips, pass)
        return shape.isUnit ? vectors.l2Normalized() : vectors
    }

    private func pooled(_ clips: [[Int]], _ pass: Pass) -> Tensor {
        let rows = TextRows(clips, padding: shape.padding)
        let entered = entered(rows, pass)
        if shape.pooling == .mean {
            let states = normed(blocks(entered, mask: mask(of: rows), causal: shape.isCausal, pass))
            return rows.weights.matmul(states).reshaped([rows.count, width])
        }
        let places = rows.pooled(shape.pooling, end: shape.end)
        let pooled = normed(blocks(entered, only: places, mask: mask(of: rows), causal: shape.isCausal, pass))
        return pooler.map { $0(pooled).tanh() } ?? pooled
    }

    /// The states of all tokens, [B, T, width], in which the rows of shorter texts end in padding.
    ///
    /// `layer` counts blocks: 0 is what enters the first, -1 what leaves the last (before the final norm), -2 the one
    /// before it; nil is the result with the final norm, where there is one. Traps on a layer that is not there.
    public func features(_ clips: [[Int]], layer: Int? = nil, _ pass: Pass = .inference) -> Tensor {
        let count = shape.blocks.layers + 1
        let wanted = layer.map { $0 < 0 ? count + $0 : $0 }
        precondition(wanted.map((0..<count).contains) ?? true, "layer \(layer ?? 0) of \(count) layers")
        let rows = TextRows(clips, padding: shape.padding)
        let reached = blocks(
            entered(rows, pass), first: wanted, mask: mask(of: rows), causal: shape.isCausal, pass)
        let states = wanted == nil ? normed(reached) : reached
        return added == nil ? states : states.slice(axis: 1, 0..<rows.length)
    }

    var blockCount: Int { shape.blocks.layers }

    /// Rows of ids as the reference fills them up: CLIP's texts always have as many as there are positions.
    func filled(_ rows: [[Int]]) -> [[Int]] {
        guard [.clip, .clipOpenAI, .clipOpenCLIP].contains(shape.tokenizer) else { return rows }
        let padding = (try? tokenizer.get())?.padding
        return rows.map { row in
            // transformers fills up with the token that ends a text, OpenAI with 0.
            row + repeatElement(padding ?? row.last ?? 0, count: max(shape.limit - row.count, 0))
        }
    }

    /// What enters the first block, [B, T, D], or [B, T + 1, D] where a token is added.
    private func entered(_ rows: TextRows, _ pass: Pass) -> Tensor {
        let shape = [rows.count, rows.length, width]
        var x = tokens(rows.ids).reshaped(shape)
        if self.shape.skipsPadding {
            x = x + positions(rows.positions(skipping: self.shape.padding)).reshaped(shape)
        } else {
            x = x + positions.weight().slice(axis: 0, 0..<rows.length)
        }
        if let types { x = x + types.weight().slice(axis: 0, 0..<1) }
        if let added {
            let token = added() + positions.weight().slice(axis: 0, self.shape.limit..<self.shape.limit + 1)
            let column = token.reshaped([1, 1, width]).broadcast(to: [rows.count, 1, width])
            x = .concatenated([x, column], axis: 1)
        }
        if let embeddingNorm { x = embeddingNorm(x) }
        return dropout(x, pass)
    }

    /// A causal network never looks at the padding, which comes last.
    private func mask(of rows: TextRows) -> Tensor? {
        guard added == nil else { return rows.maskBehind(shape.padding) }
        return shape.isCausal ? nil : rows.mask
    }

    private func normed(_ states: Tensor) -> Tensor { finalNorm.map { $0(states) } ?? states }
}
