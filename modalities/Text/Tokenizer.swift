/// Text to the numbers a published model was trained on: rewrite, cut into pieces, look up, frame with special tokens.
///
/// One design holds all kinds. A kind (WordPiece, byte pairs, unigram) is the `model`; the steps before it are data read
/// from the file. Results equal those of the reference tokenizers id for id.
public struct Tokenizer: Sendable {
    /// Done to the whole text, before special tokens are looked for.
    var preparation: [Normalizer] = []
    var added = AddedTokens([])
    var normalizers: [Normalizer] = []
    var addedAfterNormalizing = AddedTokens([])
    var preTokenizers: [PreTokenizer] = []
    let model: any TokenModel
    var frame = TokenFrame()
    /// An id that is not added at the end of a text that ends with it already.
    var endsOnce: Int?
    var decoder = TokenDecoder.plain

    /// The id that rows are filled up with, where the file names one.
    public internal(set) var padding: Int?
    /// Whether rows are filled up at their beginning.
    var padsLeft = false

    init(model: any TokenModel) { self.model = model }

    /// How many ids there are, special ones that the vocabulary lacks not counted.
    public var vocabularyCount: Int { model.vocabulary.count }

    /// How many ids are put around a text.
    public var frameWidth: Int { TokenFrame.width(frame.single) }

    /// The id of one token as the vocabulary spells it, for instance `</s>`.
    public func id(of token: String) -> Int? { model.vocabulary.id(of: token) }

    /// The ids of `text` with special tokens, not truncated.
    public func encode(_ text: String) -> [Int] { TokenFrame.fill(frame.single, tokens(text)).ids }

    /// The ids of a pair of texts with special tokens, not truncated, and the type id of each.
    public func encode(_ text: String, and second: String) -> (ids: [Int], types: [Int]) {
        TokenFrame.fill(frame.pair, tokens(text), tokens(second))
    }

    /// The rows of `texts`, cut to `limit` ids each (special tokens included, and kept).
    ///
    /// `limit` must leave room for the special tokens.
    public func callAsFunction(_ texts: [String], limit: Int? = nil) -> TokenBatch {
        let room = limit.map { $0 - frameWidth }
        precondition((room ?? 0) >= 0, "limit \(limit ?? 0) leaves no room for the special tokens")
        var ids: [[Int]] = []
        var truncated: [Int] = []
        for text in texts {
            let tokens = tokens(text)
            let kept = min(tokens.count, room ?? tokens.count)
            ids.append(TokenFrame.fill(frame.single, Array(tokens[..<kept])).ids)
            truncated.append(tokens.count - kept)
        }
        return TokenBatch(ids: ids, truncated: truncated)
    }

    /// The text that `ids` stand for, special tokens left out unless `special`; what is not UTF-8 becomes U+FFFD.
    public func decode(_ ids: [Int], special: Bool = false) -> String {
        let hidden = special ? [] : added.special.union(addedAfterNormalizing.special)
        return decoder(ids.filter { !hidden.contains($0) }.compactMap { model.vocabulary.token($0).map { Array($0) } })
    }

    /// The ids of `text` alone.
    func tokens(_ text: String) -> [Int] {
        let scalars = preparation.reduce(Array(text.unicodeScalars)) { $1($0) }
        var ids: [Int] = []
        ids.reserveCapacity(scalars.count / 3 + 4)
        for (index, part) in added.split(scalars).enumerated() {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                encode(range == scalars.indices ? scalars : Array(scalars[range]), isFirst: index == 0, into: &ids)
            }
        }
        if let endsOnce, ids.last == endsOnce { ids.removeLast() }
        return ids
    }

    /// Encodes text that no special token cuts.
    private func encode(_ text: Scalars, isFirst: Bool, into ids: inout [Int]) {
        var text = text
        for normalizer in normalizers { text = normalizer(text) }
        guard !addedAfterNormalizing.isEmpty else { return encode(normalized: text, isFirst: isFirst, into: &ids) }
        for (index, part) in addedAfterNormalizing.split(text).enumerated() {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                encode(normalized: Array(text[range]), isFirst: isFirst && index == 0, into: &ids)
            }
        }
    }

    private func encode(normalized text: Scalars, isFirst: Bool, into ids: inout [Int]) {
        var pieces = Pieces(text, isFirst: isFirst)
        for preTokenizer in preTokenizers { preTokenizer(&pieces) }
        for range in pieces.ranges where !range.isEmpty { model.encode(pieces.text[range], into: &ids) }
    }
}
