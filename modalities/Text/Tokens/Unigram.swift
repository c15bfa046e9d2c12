/// The most probable cutting of a text under a model of independent tokens (Kudo 2018), found by Viterbi.
struct Unigram: Sendable {
    /// What a token is for; sentencepiece numbers them as here.
    enum Kind: Int, Sendable {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    let vocabulary: Vocabulary
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknown: Int
    private let unknownScore: Double
    private let bytes: [Int]
    /// Sums are rounded to single precision, as in sentencepiece; the tokenizers library adds doubles.
    private let isSingle: Bool

    /// `scores` are log probabilities by id.
    ///
    /// Unknown characters score ten below the worst token.
    init(
        _ vocabulary: Vocabulary, scores: [Double], unknown: Int, kinds: [Kind]? = nil, fallsBackToBytes: Bool,
        isSingle: Bool
    ) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        self.isSingle = isSingle
        bytes = fallsBackToBytes ? vocabulary.byteTokens : []
        let normal = kinds.map { kinds in scores.indices.filter { kinds[$0] == .normal } } ?? Array(scores.indices)
        let least = normal.lazy.map { scores[$0] }.min() ?? 0
        let most = normal.lazy.map { scores[$0] }.max() ?? 0
        unknownScore = isSingle ? Double(Float(least) - 10) : least - 10
        var trie = ByteTrie()
        var adjusted = scores
        vocabulary.forEach { token, id in
            switch kinds?[id] ?? .normal {
            case .normal: trie.insert(token, value: id)
            case .userDefined:  // always taken: scored as if each of its bytes were the best token
                trie.insert(token, value: id)
                adjusted[id] = Double(Float(token.count) * Float(most) - 0.1)
            case .unknown, .control, .unused, .byte: break
            }
        }
        self.trie = trie
        self.scores = adjusted
    }
}

extension Unigram: TokenModel {
    /// The best way to reach a byte offset: the token that ends there and where it begins.
    private struct Step {
        var score = 0.0
        var start = -1
        var id = 0
    }

    func encode(_ piece: ArraySlice<Unicode.Scalar>, into ids: inout [Int]) {
        var text: [UInt8] = []
        text.reserveCapacity(piece.count * 2)
        for scalar in piece { text.append(utf8Of: scalar) }
        let steps = text.withUnsafeBufferPointer(best)
        var tokens: [(id: Int, range: Range<Int>)] = []
        var end = text.count
        while end > 0 {
            let step = steps[end]
            if step.id == unknown, let last = tokens.last, last.id == unknown {
                tokens[tokens.count - 1].range = step.start..<last.range.upperBound  // unknown neighbours are one
            } else {
                tokens.append((step.id, step.start..<end))
            }
            end = step.start
        }
        for (id, range) in tokens.reversed() {
            if id == unknown, !bytes.isEmpty {
                ids.append(contentsOf: text[range].lazy.map { bytes[Int($0)] })
            } else {
                ids.append(id)
            }
        }
    }

    private func best(_ text: UnsafeBufferPointer<UInt8>) -> [Step] {
        var steps = [Step](repeating: Step(), count: text.count + 1)
        func offer(_ end: Int, _ id: Int, _ start: Int, _ score: Double) {
            let sum = isSingle ? Double(Float(steps[start].score + score)) : steps[start].score + score
            if steps[end].start < 0 || sum > steps[end].score { steps[end] = Step(score: sum, start: start, id: id) }
        }
        var start = 0
        while start < text.count {
            let character = start + Unigram.length(of: text[start])
            var isCovered = false
            trie.forEachMatch(in: text, at: start) { end, id in
                offer(end, id, start, scores[id])
                if end == character { isCovered = true }
            }
            if !isCovered { offer(character, unknown, start, unknownScore) }
            start = character
        }
        return steps
    }

    /// How many bytes the character that begins with `byte` has.
    private static func length(of byte: UInt8) -> Int {
        switch byte {
        case ..<0xC0: 1
        case ..<0xE0: 2
        case ..<0xF0: 3
        default: 4
        }
    }
}
