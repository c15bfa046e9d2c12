public import Foundation

extension Tokenizer {
    /// A tokenizer from the text of a `tokenizer.json`, of any kind.
    ///
    /// The file's own truncation and padding lengths are not taken over: published folders contradict them
    /// (all-MiniLM-L6-v2 says 128 there and 256 elsewhere), so that the encoder decides. `name` is used in errors.
    public init(json: Data, name: String = "tokenizer.json") throws(TokenizerError) {
        self = try TokenizerFile([UInt8](json), name: name).tokenizer()
    }

    /// BERT's WordPiece from a `vocab.txt`, one token per line.
    ///
    /// With `lowercase`, accents are stripped too unless `stripAccents` says otherwise.
    public static func wordPiece(
        vocabulary: Data, lowercase: Bool = true, stripAccents: Bool? = nil, ideographs: Bool = true,
        name: String = "vocab.txt"
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(lines: vocabulary, name: name)
        var special: [String: Int] = [:]
        for token in ["[UNK]", "[CLS]", "[SEP]"] {
            guard let id = vocabulary.id(of: token) else {
                throw .invalid(file: name, what: "\(token) is not in the vocabulary")
            }
            special[token] = id
        }
        var tokenizer = Tokenizer(model: WordPiece(vocabulary, unknown: special["[UNK]"] ?? 0))
        tokenizer.added = AddedTokens(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { token in
                vocabulary.id(of: token).map { AddedTokens.Token(content: Array(token.unicodeScalars), id: $0) }
            })
        tokenizer.normalizers = [
            .bert(
                clean: true, ideographs: ideographs, stripAccents: stripAccents ?? lowercase, lowercase: lowercase)
        ]
        tokenizer.preTokenizers = [.bert]
        tokenizer.frame = .around(begin: [special["[CLS]"] ?? 0], end: [special["[SEP]"] ?? 0])
        tokenizer.decoder = .wordPiece(prefix: "##")
        tokenizer.padding = vocabulary.id(of: "[PAD]")
        return tokenizer
    }
}

extension Vocabulary {
    /// One token per line, numbered from 0; the last line may be empty.
    init(lines file: Data, name: String) throws(TokenizerError) {
        guard file.count <= TokenizerFile.mostBytes else {
            throw .tooLarge(file: name, bytes: file.count, limit: TokenizerFile.mostBytes)
        }
        var lines = [UInt8](file).split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty, lines.count < Vocabulary.mostIDs else {
            throw .invalid(file: name, what: "it has \(lines.count) lines")
        }
        self.init(capacity: lines.count)
        for (id, line) in lines.enumerated() { insert(line.last == 0x0D ? line.dropLast() : line, id: id) }
    }
}
