public import Foundation

extension Tokenizer {
    /// RoBERTa's byte pairs (Liu and others 2019) from `vocab.json` and `merges.txt`: `<s>` text `</s>`.
    ///
    /// With `prefixSpace`, a text that does not begin with a space gets one.
    public static func roberta(
        vocabulary: Data, merges: Data, prefixSpace: Bool = false,
        names: (String, String) = ("vocab.json", "merges.txt")
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(json: vocabulary, name: names.0)
        guard let begin = vocabulary.id(of: "<s>"), let end = vocabulary.id(of: "</s>") else {
            throw .invalid(file: names.0, what: "<s> or </s> is not in the vocabulary")
        }
        var tokenizer = try byteLevel(vocabulary, merges, prefixSpace, name: names.1)
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
    ///
    /// With `prefixSpace`, a text that does not begin with a space gets one.
    public static func gpt2(
        vocabulary: Data, merges: Data, prefixSpace: Bool = false,
        names: (String, String) = ("vocab.json", "merges.txt")
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(json: vocabulary, name: names.0)
        var tokenizer = try byteLevel(vocabulary, merges, prefixSpace, name: names.1)
        if let end = vocabulary.id(of: "<|endoftext|>") {
            tokenizer.added = AddedTokens([.init(content: Array("<|endoftext|>".unicodeScalars), id: end)])
        }
        return tokenizer
    }

    private static func byteLevel(
        _ vocabulary: Vocabulary, _ merges: Data, _ prefixSpace: Bool, name: String
    ) throws(TokenizerError) -> Tokenizer {
        var list = MergeList(vocabulary, file: name)
        for pair in try MergeList.read(merges, name: name) { try list.append(pair) }
        var tokenizer = Tokenizer(model: BytePairs(vocabulary, merges: list.pairs))
        tokenizer.preTokenizers = [.byteLevel(prefixSpace: prefixSpace, words: true)]
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
