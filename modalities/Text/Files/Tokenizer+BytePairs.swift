public import Foundation

extension Tokenizer {
    /// RoBERTa's byte pairs (Liu and others 2019) from `vocab.json` and `merges.txt`: `<s>` text `</s>`.
    public static func roberta(
        vocabulary: Data, merges: Data, names: (String, String) = ("vocab.json", "merges.txt")
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(json: vocabulary, name: names.0)
        guard let begin = vocabulary.id(of: "<s>"), let end = vocabulary.id(of: "</s>") else {
            throw .invalid(file: names.0, what: "<s> or </s> is not in the vocabulary")
        }
        var tokenizer = try byteLevel(vocabulary, merges, name: names.1)
        tokenizer.added = AddedTokens(
            ["<s>", "<pad>", "</s>", "<unk>", "<mask>"].compactMap { token in
                vocabulary.id(of: token).map {
                    AddedTokens.Token(content: Array(token.unicodeScalars), id: $0)
                }
            })
        tokenizer.frame = .around(begin: [begin], end: [end])
        tokenizer.frame.pair = [
            .special([begin], type: 0), .first(type: 0), .special([end, end], type: 0), .second(type: 0),
            .special([end], type: 0),
        ]
        tokenizer.padding = vocabulary.id(of: "<pad>")
        return tokenizer
    }

    /// GPT-2's byte pairs (Radford and others 2019) from `vocab.json` and `merges.txt`: nothing is put around a text.
    public static func gpt2(
        vocabulary: Data, merges: Data, names: (String, String) = ("vocab.json", "merges.txt")
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(json: vocabulary, name: names.0)
        var tokenizer = try byteLevel(vocabulary, merges, name: names.1)
        if let end = vocabulary.id(of: "<|endoftext|>") {
            tokenizer.added = AddedTokens([.init(content: Array("<|endoftext|>".unicodeScalars), id: end)])
        }
        return tokenizer
    }

    private static func byteLevel(
        _ vocabulary: Vocabulary, _ merges: Data, name: String
    ) throws(TokenizerError) -> Tokenizer {
        var list = MergeList(vocabulary, file: name)
        for line in try MergeList.lines(merges, name: name) { try list.append(line: line) }
        var tokenizer = Tokenizer(model: BytePairs(vocabulary, merges: list.pairs))
        tokenizer.preTokenizers = [.byteLevel(prefixSpace: false, words: true)]
        tokenizer.decoder = .byteLevel(suffix: "")
        return tokenizer
    }
}

extension Vocabulary {
    /// A `vocab.json`: one object of tokens and ids.
    init(json: Data, name: String) throws(TokenizerError) {
        let file = try TokenizerFile([UInt8](json), name: name)
        self = try file.vocabulary(file.root, at: "the vocabulary")
    }
}

extension MergeList {
    /// The first `most` lines of a `merges.txt` or of CLIP's packed table, without the version line and empty ones.
    static func lines(
        _ file: Data, name: String, most: Int = Vocabulary.mostIDs
    ) throws(TokenizerError) -> [ArraySlice<UInt8>] {
        guard file.count <= TokenizerFile.mostBytes else {
            throw .tooLarge(file: name, bytes: file.count, limit: TokenizerFile.mostBytes)
        }
        let plain = try Gzip.plain([UInt8](file), name: name, limit: TokenizerFile.mostBytes)
        var lines = plain.split(separator: 0x0A, maxSplits: most + 1).prefix(most + 1).map {
            $0.last == 0x0D ? $0.dropLast() : $0
        }
        // "#version: 0.2", in CLIP's table behind a quote and the name of the table.
        if let first = lines.first, String(decoding: first, as: UTF8.self).contains("#version:") { lines.removeFirst() }
        return Array(lines.prefix(most))
    }
}
