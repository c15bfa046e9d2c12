/// Greedy longest-match cutting of words (Schuster and Nakajima 2012), as BERT uses it.
struct WordPiece: Sendable {
    let vocabulary: Vocabulary
    private let beginning: ByteTrie
    private let continuing: ByteTrie
    private let unknown: Int
    private let longestWord: Int

    /// `prefix` ("##") marks tokens that continue a word; a word of more than `longestWord` characters is unknown.
    init(_ vocabulary: Vocabulary, unknown: Int, prefix: String = "##", longestWord: Int = 100) {
        let mark = Array(prefix.utf8)
        var beginning = ByteTrie()
        var continuing = ByteTrie()
        vocabulary.forEach { token, id in
            beginning.insert(token, value: id)
            if token.starts(with: mark) { continuing.insert(token.dropFirst(mark.count), value: id) }
        }
        self.vocabulary = vocabulary
        self.beginning = beginning
        self.continuing = continuing
        self.unknown = unknown
        self.longestWord = longestWord
    }
}

extension WordPiece: TokenModel {
    func encode(_ word: ArraySlice<Unicode.Scalar>, into ids: inout [Int]) {
        guard word.count <= longestWord else {
            ids.append(unknown)
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(word.count + 8)
        for scalar in word { bytes.append(utf8Of: scalar) }
        let before = ids.count
        bytes.withUnsafeBufferPointer { bytes in
            guard var match = beginning.longestMatch(in: bytes, at: 0) else { return ids.append(unknown) }
            ids.append(match.value)
            while match.end < bytes.count {
                guard let next = continuing.longestMatch(in: bytes, at: match.end), next.end > match.end else {
                    // One part that is not in the vocabulary makes the whole word unknown.
                    ids.removeSubrange(before...)
                    return ids.append(unknown)
                }
                ids.append(next.value)
                match = next
            }
        }
    }
}
