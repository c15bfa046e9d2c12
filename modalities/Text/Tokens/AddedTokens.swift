/// Words that become one id wherever they stand in a text, before anything is cut: `[SEP]`, `<mask>`, `<|endoftext|>`.
struct AddedTokens: Sendable {
    struct Token: Sendable {
        var content: Scalars
        var id: Int
        /// Swallows the white space before it.
        var stripsLeft = false
        /// Swallows the white space after it.
        var stripsRight = false
        /// Is not found inside a word.
        var isWord = false
        var isSpecial = true
    }

    enum Part: Equatable {
        case text(Range<Int>)
        case token(Int)
    }

    private let byFirst: [Unicode.Scalar: [Token]]

    init(_ tokens: [Token]) {
        byFirst = Dictionary(grouping: tokens.filter { !$0.content.isEmpty }) { $0.content[0] }
            .mapValues { $0.sorted { $0.content.count > $1.content.count } }
    }

    var isEmpty: Bool { byFirst.isEmpty }

    /// Ids that `decode` leaves out.
    var special: Set<Int> { Set(byFirst.values.joined().filter(\.isSpecial).map(\.id)) }

    /// Cuts `text` at the tokens in it: leftmost first, the longest where several begin at one place.
    func split(_ text: Scalars) -> [Part] {
        guard !isEmpty else { return text.isEmpty ? [] : [.text(text.indices)] }
        var parts: [Part] = []
        var start = 0  // of the text not yet given out
        var at = 0
        while at < text.count {
            guard let token = token(in: text, at: at) else {
                at += 1
                continue
            }
            var lower = at
            var upper = at + token.content.count
            if token.stripsLeft { while lower > start, text[lower - 1].isSpace { lower -= 1 } }
            if token.stripsRight { while upper < text.count, text[upper].isSpace { upper += 1 } }
            if lower > start { parts.append(.text(start..<lower)) }
            parts.append(.token(token.id))
            start = upper
            at = upper
        }
        if start < text.count { parts.append(.text(start..<text.count)) }
        return parts
    }

    private func token(in text: Scalars, at start: Int) -> Token? {
        byFirst[text[start]]?.first { token in
            guard text[start...].starts(with: token.content) else { return false }
            guard token.isWord else { return true }
            let end = start + token.content.count
            let joinsLeft = start > 0 && text[start - 1].isWordCharacter
            let joinsRight = end < text.count && text[end].isWordCharacter
            return !joinsLeft && !joinsRight
        }
    }
}
