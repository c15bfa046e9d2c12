import Foundation

/// Reads a `tokenizer.json`: the steps of a tokenizer as data.
///
/// Every section is checked before it is used. A step that changes nothing but offsets is skipped; one that Bindery does
/// not have is refused by name, because leaving it out would give other ids without a word.
struct TokenizerFile {
    /// Larger files are refused; Gemma's, the largest of those published with these families, has 34 million bytes.
    static let mostBytes = 64 << 20

    let name: String
    let root: JSONValue

    init(_ bytes: [UInt8], name: String) throws(TokenizerError) {
        guard bytes.count <= TokenizerFile.mostBytes else {
            throw .tooLarge(file: name, bytes: bytes.count, limit: TokenizerFile.mostBytes)
        }
        self.name = name
        root = try JSONTree(bytes, file: name).root
        guard root.isObject else { throw .invalid(file: name, what: "it is not a JSON object") }
    }

    func invalid(_ what: String) -> TokenizerError { .invalid(file: name, what: what) }

    func unsupported(_ what: String, known: [String] = []) -> TokenizerError {
        .unsupported(file: name, what: what, known: known)
    }

    /// The whole tokenizer.
    func tokenizer() throws(TokenizerError) -> Tokenizer {
        guard let section = root["model"] else { throw invalid("it has no model") }
        let kind = section["type"]?.string ?? (section["merges"] == nil ? "WordPiece" : "BPE")
        let model: any TokenModel
        switch kind {
        case "WordPiece": model = try wordPiece(section)
        case "BPE": model = try bytePairs(section)
        case "Unigram": model = try unigram(section)
        default: throw unsupported("a model of type \(kind)", known: ["WordPiece", "BPE", "Unigram"])
        }
        var tokenizer = Tokenizer(model: model)
        if let section = root["normalizer"] { tokenizer.normalizers = try normalizers(section) }
        if let section = root["pre_tokenizer"] { tokenizer.preTokenizers = try preTokenizers(section) }
        if let section = root["post_processor"] { tokenizer.frame = try frame(section) }
        if let section = root["added_tokens"] { try add(section, to: &tokenizer) }
        if let section = root["decoder"] { tokenizer.decoder = decoder(section) ?? tokenizer.decoder }
        tokenizer.padding = root["padding"]?["pad_id"]?.int
        return tokenizer
    }

    /// Tokens found before anything is cut, and those found after normalisation.
    private func add(_ section: JSONValue, to tokenizer: inout Tokenizer) throws(TokenizerError) {
        guard let entries = section.elements else { throw invalid("added_tokens is not a list") }
        var raw: [AddedTokens.Token] = []
        var normalized: [AddedTokens.Token] = []
        for entry in entries {
            guard let content = entry["content"]?.utf8, let id = entry["id"]?.int, id >= 0 else {
                throw invalid("an added token lacks its content or its id")
            }
            var token = AddedTokens.Token(content: Scalars(utf8: content), id: id)
            token.stripsLeft = entry["lstrip"]?.bool ?? false
            token.stripsRight = entry["rstrip"]?.bool ?? false
            token.isWord = entry["single_word"]?.bool ?? false
            token.isSpecial = entry["special"]?.bool ?? false
            guard entry["normalized"]?.bool ?? !token.isSpecial else {
                raw.append(token)
                continue
            }
            for normalizer in tokenizer.normalizers { token.content = normalizer(token.content) }
            normalized.append(token)
        }
        tokenizer.added = AddedTokens(raw)
        tokenizer.addedAfterNormalizing = AddedTokens(normalized)
    }

    private func decoder(_ section: JSONValue) -> TokenDecoder? {
        switch section["type"]?.string {
        case "ByteLevel": .byteLevel(suffix: root["model"]?["end_of_word_suffix"]?.string ?? "")
        case "WordPiece": .wordPiece(prefix: section["prefix"]?.string ?? "##")
        case "Metaspace": .metaspace(mark: section["replacement"]?.string?.unicodeScalars.first ?? "\u{2581}")
        default: nil
        }
    }
}
