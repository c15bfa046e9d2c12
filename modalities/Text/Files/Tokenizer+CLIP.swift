public import Foundation

/// How a text is cleaned before CLIP's byte pairs see it.
public enum CLIPCleaning: String, Sendable, CaseIterable {
    /// As transformers does: composed, spaces collapsed, small letters. Special tokens `<|startoftext|>` and
    /// `<|endoftext|>` are found in the raw text.
    case huggingFace
    /// As OpenAI's class and ImageBind do: mojibake repaired, character references resolved twice, then as above.
    case openAI
    /// As open_clip does: the same, but the special tokens are spelled `<start_of_text>` and `<end_of_text>`.
    case openCLIP
}

extension Tokenizer {
    /// CLIP's byte pairs (Radford and others 2021) from `merges.txt` or `bpe_simple_vocab_16e6.txt.gz`.
    ///
    /// The vocabulary follows from the merges: 256 bytes, the same ending a word, the first 48,894 merges, and the two
    /// special tokens that frame a text. `name` is used in errors.
    public static func clip(
        merges: Data, _ cleaning: CLIPCleaning, name: String = "merges.txt"
    ) throws(TokenizerError) -> Tokenizer {
        try clip(pairs: MergeList.read(merges, name: name, most: 48_894), cleaning, name)
    }

    /// CLIP's byte pairs from the merges in a `tokenizer.json`; only those of it are used.
    public static func clip(
        json: Data, _ cleaning: CLIPCleaning, name: String = "tokenizer.json"
    ) throws(TokenizerError) -> Tokenizer {
        try clip(pairs: TokenizerFile([UInt8](json), name: name).merges(), cleaning, name)
    }

    /// CLIP's byte pairs as transformers reads them from `vocab.json` and `merges.txt`, of any vocabulary.
    public static func clip(
        vocabulary: Data, merges: Data, names: (String, String) = ("vocab.json", "merges.txt")
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try Vocabulary(json: vocabulary, name: names.0)
        let marks = ["<|startoftext|>", "<|endoftext|>"]
        let ids = marks.compactMap { vocabulary.id(of: $0.utf8) }
        guard ids.count == marks.count else {
            throw .invalid(file: names.0, what: "\(marks.joined(separator: " or ")) is not in the vocabulary")
        }
        let pairs = try MergeList.read(merges, name: names.1)
        return try clip(pairs: pairs, vocabulary, marks, ids, .huggingFace, names.1)
    }

    private static func clip(
        pairs: [MergeList.Pair], _ cleaning: CLIPCleaning, _ name: String
    ) throws(TokenizerError) -> Tokenizer {
        var vocabulary = Vocabulary(capacity: pairs.count + 514)
        let printable = ByteAlphabet.characters.indices.sorted { ByteAlphabet.order($0) < ByteAlphabet.order($1) }
        for suffix in ["", "</w>"] {
            for byte in printable {
                vocabulary.insert([ByteAlphabet.characters[byte]].utf8 + suffix.utf8, id: vocabulary.count)
            }
        }
        for (rank, pair) in pairs.enumerated() { vocabulary.insert(pair.left + pair.right, id: 512 + rank) }
        let marks =
            cleaning == .openCLIP ? ["<start_of_text>", "<end_of_text>"] : ["<|startoftext|>", "<|endoftext|>"]
        let ids = [512 + pairs.count, 513 + pairs.count]
        for (mark, id) in zip(marks, ids) { vocabulary.insert(mark.utf8, id: id) }
        return try clip(pairs: pairs, vocabulary, marks, ids, cleaning, name)
    }

    /// `ids` are those of the marks that begin and end a text.
    private static func clip(
        pairs: [MergeList.Pair], _ vocabulary: Vocabulary, _ marks: [String], _ ids: [Int], _ cleaning: CLIPCleaning,
        _ name: String
    ) throws(TokenizerError) -> Tokenizer {
        var list = MergeList(vocabulary, file: name)
        for pair in pairs { try list.append(pair) }
        var options = BytePairs.Options()
        options.suffix = "</w>"
        options.unknown = ids[1]
        let words = marks.map { Array($0.unicodeScalars) }
        if cleaning != .huggingFace {
            options.marks = Dictionary(uniqueKeysWithValues: zip(words.map(\.utf8), ids))
        }
        var tokenizer = Tokenizer(model: BytePairs(vocabulary, merges: list.pairs, options))
        tokenizer.frame = .around(begin: [ids[0]], end: [ids[1]])
        tokenizer.decoder = .byteLevel(suffix: "</w>")
        tokenizer.preTokenizers = [
            .split(.clipWords(marks: words, anyCase: cleaning != .huggingFace), .removed, invert: true),
            .byteLevel(prefixSpace: false, words: cleaning == .huggingFace),
        ]
        switch cleaning {
        case .huggingFace:
            tokenizer.added = AddedTokens(zip(words, ids).map { AddedTokens.Token(content: $0, id: $1) })
            tokenizer.normalizers = [
                .unicode(.nfc), .replace(.spaces, with: [" "]), .lowercase(finalSigma: false),
            ]
            tokenizer.padding = ids[1]
        case .openAI, .openCLIP:
            tokenizer.normalizers = [
                .repair, .unescapeHTML, .unescapeHTML, .collapseSpaces, .strip(left: true, right: true, python: true),
                .lowercase(finalSigma: true),
            ]
            tokenizer.padding = 0
        }
        return tokenizer
    }
}

extension ByteAlphabet {
    /// Where CLIP numbers a byte: those that are printable in Latin-1 come first.
    fileprivate static func order(_ byte: Int) -> Int {
        Int(characters[byte].value) == byte ? byte : byte + 256
    }
}
