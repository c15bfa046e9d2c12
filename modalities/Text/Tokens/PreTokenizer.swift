/// One step that cuts a normalised text into the pieces that no token may span.
enum PreTokenizer: Sendable {
    /// What becomes of the matches of a pattern.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// When a `metaspace` step puts its mark in front of a text that does not begin with one.
    enum Prepending: String, Sendable {
        case always, first, never
    }

    /// White space removed, every punctuation character by itself.
    case bert
    /// Bytes as printable characters, after GPT-2's cut when `words`.
    case byteLevel(prefixSpace: Bool, words: Bool)
    case whitespaceSplit
    /// Spaces become `mark`; with `split`, each mark begins a piece.
    case metaspace(mark: Unicode.Scalar, prepend: Prepending, split: Bool)
    case split(TextPattern, Behavior, invert: Bool)
    case punctuation(Behavior)
    case digits(each: Bool)

    func callAsFunction(_ pieces: inout Pieces) {
        switch self {
        case .bert: pieces.cut(PreTokenizer.cutBERT)
        case .byteLevel(let prefixSpace, let words):
            if prefixSpace {
                pieces.rewrite { piece, result in
                    if piece.first != " " { result.append(" ") }
                    result.append(contentsOf: piece)
                }
            }
            if words {
                pieces.cut { piece, parts in
                    var at = piece.startIndex
                    while at < piece.endIndex, let end = TextPattern.gpt2Words.match(piece, at: at) {
                        parts.append(at..<end)
                        at = end
                    }
                }
            }
            pieces.rewrite { piece, result in
                for scalar in piece { ByteAlphabet.append(scalar, to: &result) }
            }
        case .whitespaceSplit:
            cut(&pieces, .removed, invert: false) { TextPattern.spaces.matches(in: $0) }
        case .metaspace(let mark, let prepend, let split): metaspace(&pieces, mark, prepend, split)
        case .split(let pattern, let behavior, let invert):
            cut(&pieces, behavior, invert: invert) { pattern.matches(in: $0) }
        case .punctuation(let behavior):
            cut(&pieces, behavior, invert: false) { piece in
                piece.indices.filter { piece[$0].isBERTPunctuation }.map { $0..<$0 + 1 }
            }
        case .digits(let each):
            cut(&pieces, each ? .isolated : .contiguous, invert: false) { piece in
                piece.indices.filter { piece[$0].isNumber }.map { $0..<$0 + 1 }
            }
        }
    }

    private static func cutBERT(_ piece: ArraySlice<Unicode.Scalar>, _ parts: inout [Range<Int>]) {
        var start = piece.startIndex
        func close(_ end: Int) { if end > start { parts.append(start..<end) } }
        for index in piece.indices {
            let scalar = piece[index]
            if scalar.isSpace {
                close(index)
                start = index + 1
            } else if scalar.isBERTPunctuation {
                close(index)
                parts.append(index..<index + 1)
                start = index + 1
            }
        }
        close(piece.endIndex)
    }

    private func metaspace(_ pieces: inout Pieces, _ mark: Unicode.Scalar, _ prepend: Prepending, _ split: Bool) {
        var isFirst = pieces.isFirst
        pieces.rewrite { piece, result in
            let begins = piece.first == " " || piece.first == mark
            if !begins, prepend == .always || prepend == .first && isFirst { result.append(mark) }
            isFirst = false
            for scalar in piece { result.append(scalar == " " ? mark : scalar) }
        }
        guard split else { return }
        cut(&pieces, .mergedWithNext, invert: false) { piece in
            piece.indices.filter { piece[$0] == mark }.map { $0..<$0 + 1 }
        }
    }

    /// Cuts at the matches that `find` gives, from left to right, and treats them as `behavior` says.
    private func cut(
        _ pieces: inout Pieces, _ behavior: Behavior, invert: Bool,
        at find: (ArraySlice<Unicode.Scalar>) -> [Range<Int>]
    ) {
        pieces.cut { piece, parts in
            // The piece as alternating spans, each with whether it counts as a separator.
            var spans: [(range: Range<Int>, isMatch: Bool)] = []
            var at = piece.startIndex
            for match in find(piece) {
                if match.lowerBound > at { spans.append((at..<match.lowerBound, invert)) }
                spans.append((match, !invert))
                at = match.upperBound
            }
            if at < piece.endIndex { spans.append((at..<piece.endIndex, invert)) }
            PreTokenizer.merge(spans, behavior, &parts)
        }
    }

    private static func merge(
        _ spans: [(range: Range<Int>, isMatch: Bool)], _ behavior: Behavior, _ parts: inout [Range<Int>]
    ) {
        let start = parts.count
        var wasMatch = false
        for (range, isMatch) in spans {
            let joins =
                switch behavior {
                case .removed, .isolated: false
                case .mergedWithPrevious: isMatch && !wasMatch
                case .mergedWithNext: !isMatch && wasMatch
                case .contiguous: isMatch == wasMatch
                }
            wasMatch = isMatch
            if behavior == .removed, isMatch { continue }
            if joins, parts.count > start, let last = parts.last {
                parts[parts.count - 1] = last.lowerBound..<range.upperBound
            } else {
                parts.append(range)
            }
        }
    }
}
