import Foundation

extension TokenizerFile {
    /// A JSON object of tokens and ids.
    func vocabulary(_ section: JSONValue?, at path: String) throws(TokenizerError) -> Vocabulary {
        guard let section, section.isObject else { throw invalid("\(path) is not an object") }
        var vocabulary = Vocabulary(capacity: (Int(section.tree.nodes[section.index].next) - section.index) / 2)
        try section.eachMember { (token, value) throws(TokenizerError) in
            guard let id = value.int, id >= 0, id < Vocabulary.mostIDs else {
                throw invalid("the id of \(String(decoding: token, as: UTF8.self).debugDescription) in \(path)")
            }
            vocabulary.insert(token, id: id)
        }
        guard vocabulary.count > 0 else { throw invalid("\(path) is empty") }
        return vocabulary
    }

    func wordPiece(_ section: JSONValue) throws(TokenizerError) -> WordPiece {
        let vocabulary = try vocabulary(section["vocab"], at: "model.vocab")
        let unknown = section["unk_token"]?.string ?? "[UNK]"
        guard let id = vocabulary.id(of: unknown) else { throw invalid("\(unknown) is not in the vocabulary") }
        let prefix = section["continuing_subword_prefix"]?.string ?? "##"
        let longest = section["max_input_chars_per_word"]?.int ?? 100
        return WordPiece(vocabulary, unknown: id, prefix: prefix, longestWord: longest)
    }

    func bytePairs(_ section: JSONValue) throws(TokenizerError) -> BytePairs {
        let vocabulary = try vocabulary(section["vocab"], at: "model.vocab")
        if let prefix = section["continuing_subword_prefix"]?.string, !prefix.isEmpty {
            throw unsupported("the continuing_subword_prefix \(prefix.debugDescription)")
        }
        if let dropout = section["dropout"]?.double, dropout > 0 { throw unsupported("a dropout of \(dropout)") }
        var options = BytePairs.Options()
        options.suffix = section["end_of_word_suffix"]?.string ?? ""
        options.unknown = section["unk_token"]?.utf8.flatMap { vocabulary.id(of: $0) }
        options.fusesUnknown = section["fuse_unk"]?.bool ?? false
        options.fallsBackToBytes = section["byte_fallback"]?.bool ?? false
        options.ignoresMerges = section["ignore_merges"]?.bool ?? false
        var merges = MergeList(vocabulary, file: name)
        for pair in try self.merges() { try merges.append(pair) }
        return BytePairs(vocabulary, merges: merges.pairs, options)
    }

    /// The merges of a byte-pair model.
    func merges() throws(TokenizerError) -> [MergeList.Pair] {
        guard let list = root["model"]?["merges"] else { throw invalid("model.merges is missing") }
        var pairs: [MergeList.Pair] = []
        try list.eachChild { merge throws(TokenizerError) in
            // Older files write "a b", newer ones ["a", "b"].
            if let line = merge.utf8 { return pairs.append(try MergeList.pair(line, pairs.count, file: name)) }
            guard let pair = merge.elements, pair.count == 2, let left = pair[0].utf8, let right = pair[1].utf8
            else { throw invalid("an entry of model.merges is not a pair") }
            pairs.append((left, right))
        }
        return pairs
    }

    func unigram(_ section: JSONValue) throws(TokenizerError) -> Unigram {
        guard let entries = section["vocab"]?.elements, !entries.isEmpty else {
            throw invalid("model.vocab is not a list")
        }
        guard let unknown = section["unk_id"]?.int, entries.indices.contains(unknown) else {
            throw invalid("model.unk_id is missing or not in the vocabulary")
        }
        var vocabulary = Vocabulary(capacity: entries.count)
        var scores: [Double] = []
        for (id, entry) in entries.enumerated() {
            guard let pair = entry.elements, pair.count == 2, let token = pair[0].utf8, let score = pair[1].double
            else { throw invalid("entry \(id) of model.vocab is not a token with its score") }
            vocabulary.insert(token, id: id)
            scores.append(score)
        }
        let fallsBack = section["byte_fallback"]?.bool ?? false
        return Unigram(vocabulary, scores: scores, unknown: unknown, fallsBackToBytes: fallsBack, isSingle: false)
    }
}
