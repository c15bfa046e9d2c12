public import Foundation

extension Tokenizer {
    /// SigLIP's tokenizer (Zhai and others 2023) from a `spiece.model`: small letters, ASCII punctuation deleted, then the
    /// file's own normalisation and unigram model, and `</s>` at the end.
    public static func sigLIP(
        model file: Data, lowercase: Bool = true, name: String = "spiece.model"
    ) throws(TokenizerError) -> Tokenizer {
        let file = try SentencePieceFile([UInt8](file), name: name)
        var vocabulary = Vocabulary(capacity: file.pieces.count)
        for (id, piece) in file.pieces.enumerated() { vocabulary.insert(piece.text, id: id) }
        guard let end = vocabulary.id(of: "</s>") else {
            throw .invalid(file: name, what: "</s> is not in the vocabulary")
        }
        let model = Unigram(
            vocabulary, scores: file.pieces.map { Double($0.score) }, unknown: file.unknown,
            kinds: file.pieces.map(\.kind), fallsBackToBytes: file.fallsBackToBytes, isSingle: true)
        var tokenizer = Tokenizer(model: model)
        tokenizer.added = AddedTokens(
            [end, file.unknown].compactMap { id in
                vocabulary.token(id).map { .init(content: Scalars(utf8: $0), id: id) }
            })
        // The mark of a space is put in front of the whole text before anything is cleaned, so that a space at its
        // beginning counts; the parts after a special token have none.
        let mark: Scalars = ["\u{2581}"]
        tokenizer.preparation = [.replace(.literal(mark), with: [" "]), .prepend(mark)]
        var normalizer = file.normalizer
        normalizer.continues = true
        tokenizer.normalizers = Normalizer.sigLIP(lowercase: lowercase) + [.sentencePiece(normalizer)]
        tokenizer.frame = TokenFrame(
            single: [.first(type: 0), .special([end], type: 0)],
            pair: [.first(type: 0), .special([end], type: 0), .second(type: 0), .special([end], type: 0)])
        tokenizer.endsOnce = end
        tokenizer.decoder = .metaspace(mark: mark[0])
        tokenizer.padding = end
        return tokenizer
    }
}

extension Normalizer {
    /// What SigLIP does to a text before its vocabulary is asked.
    static func sigLIP(lowercase: Bool) -> [Normalizer] {
        (lowercase ? [.lowercase(finalSigma: true)] : []) + [
            .deleteASCIIPunctuation, .collapseSpaces, .strip(left: true, right: true, python: true),
        ]
    }
}
