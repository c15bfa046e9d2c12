/// What a `Split` or `Replace` step of a tokenizer file looks for.
///
/// Files spell patterns as regular expressions. The published ones are few, so each is a hand-written scanner; besides
/// those, one character class with an optional quantifier is understood, and everything else is refused by name.
enum TextPattern: Sendable {
    case literal(Scalars)
    /// A run of characters of a class, at least `least` long; every single one when `single`.
    case run(CharacterClass, least: Int, single: Bool)
    /// GPT-2's words (Radford and others 2019), also used by RoBERTa.
    case gpt2Words
    /// CLIP's words (Radford and others 2021); `marks` are the special tokens named in the pattern. With `anyCase` it
    /// matches as Python's IGNORECASE, which takes ſ for an s.
    case clipWords(marks: [Scalars], anyCase: Bool)

    /// `\s+`.
    static let spaces = TextPattern.run(.space, least: 1, single: false)

    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    static let clip = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#

    /// Reads a regular expression; nil when it is none of those understood.
    init?(regex: String) {
        if regex == TextPattern.gpt2 {
            self = .gpt2Words
        } else if regex == TextPattern.clip {
            self = .clipWords(marks: [], anyCase: false)
        } else if regex.hasSuffix("|" + TextPattern.clip) {
            let marks = regex.dropLast(TextPattern.clip.count + 1).replacing(#"\|"#, with: "\u{0}")
            self = .clipWords(
                marks: marks.split(separator: "|").map { Array($0.replacing("\u{0}", with: "|").unicodeScalars) },
                anyCase: false)
        } else if let run = TextPattern.run(regex) {
            self = run
        } else {
            return nil
        }
    }

    private static func run(_ regex: String) -> TextPattern? {
        var rest = Array(regex.unicodeScalars)[...]
        guard let characters = CharacterClass(&rest) else { return nil }
        switch rest.map({ Character($0) }) {
        case []: return .run(characters, least: 1, single: true)
        case ["+"]: return .run(characters, least: 1, single: false)
        case let rest where rest.first == "{" && rest.suffix(2) == [",", "}"]:
            guard let least = Int(String(rest[1..<rest.count - 2])), least > 0 else { return nil }
            return .run(characters, least: least, single: false)
        default: return nil
        }
    }

    /// The end of the match that starts at `start`, or nil where none does.
    func match(_ text: ArraySlice<Unicode.Scalar>, at start: Int) -> Int? {
        switch self {
        case .literal(let word):
            guard !word.isEmpty, text[start...].starts(with: word) else { return nil }
            return start + word.count
        case .run(let characters, let least, let single):
            guard characters.contains(text[start]) else { return nil }
            if single { return start + 1 }
            var end = start + 1
            while end < text.endIndex, characters.contains(text[end]) { end += 1 }
            return end - start >= least ? end : nil
        case .gpt2Words: return text.gpt2Word(at: start)
        case .clipWords(let marks, let anyCase):
            for mark in marks where text[start...].starts(with: mark) { return start + mark.count }
            return text.clipWord(at: start, anyCase: anyCase)
        }
    }

    /// All matches from left to right, none overlapping.
    func matches(in text: ArraySlice<Unicode.Scalar>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var at = text.startIndex
        while at < text.endIndex {
            guard let end = match(text, at: at) else {
                at += 1
                continue
            }
            found.append(at..<end)
            at = end
        }
        return found
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// `'s 't 're 've 'm 'll 'd`; the text is in small letters wherever `anyCase` is asked for.
    private func contraction(at start: Int, anyCase: Bool = false) -> Int? {
        guard self[start] == "'", start + 1 < endIndex else { return nil }
        func letter(_ index: Int) -> Unicode.Scalar? { index < endIndex ? self[index] : nil }
        switch letter(start + 1) {
        case "s", "t", "m", "d": return start + 2
        case "\u{17F}" where anyCase: return start + 2  // ſ folds to s
        case "r", "v": return letter(start + 2) == "e" ? start + 3 : nil
        case "l": return letter(start + 2) == "l" ? start + 3 : nil
        default: return nil
        }
    }

    private func run(from start: Int, while accepts: (Unicode.Scalar) -> Bool) -> Int {
        var end = start
        while end < endIndex, accepts(self[end]) { end += 1 }
        return end
    }

    fileprivate func gpt2Word(at start: Int) -> Int? {
        if let end = contraction(at: start) { return end }
        let first = self[start] == " " && start + 1 < endIndex ? start + 1 : start
        if self[first].isLetter { return run(from: first) { $0.isLetter } }
        if self[first].isNumber { return run(from: first) { $0.isNumber } }
        if !self[first].isSpace { return run(from: first) { !$0.isSpace && !$0.isLetter && !$0.isNumber } }
        // A run of spaces leaves its last one to the word that follows.
        let end = run(from: start) { $0.isSpace }
        return end < endIndex && end - start > 1 ? end - 1 : end
    }

    fileprivate func clipWord(at start: Int, anyCase: Bool) -> Int? {
        if let end = contraction(at: start, anyCase: anyCase) { return end }
        if self[start].isLetter { return run(from: start) { $0.isLetter } }
        if self[start].isNumber { return start + 1 }
        if self[start].isSpace { return nil }
        return run(from: start) { !$0.isSpace && !$0.isLetter && !$0.isNumber }
    }
}
