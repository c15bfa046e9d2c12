/// A bracket expression or a class escape of a regular expression: `[!-/]`, `\s`, `[^\p{L}\d]`, or one character.
struct CharacterClass: Sendable {
    private enum Item: Sendable {
        case range(ClosedRange<UInt32>)
        case space, letter, number, punctuation, word
        indirect case not(Item)

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .range(let range): range.contains(scalar.value)
            case .space: scalar.isSpace
            case .letter: scalar.isLetter
            case .number: scalar.isNumber
            case .punctuation: scalar.isPunctuation
            case .word: scalar.isWordCharacter
            case .not(let item): !item.contains(scalar)
            }
        }
    }

    private var items: [Item] = []
    private var isNegated = false
    /// The answer for each ASCII character.
    private var ascii: [Bool] = []

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80 ? ascii[Int(scalar.value)] : matches(scalar)
    }

    private func matches(_ scalar: Unicode.Scalar) -> Bool { items.contains { $0.contains(scalar) } != isNegated }

    private init(_ item: Item) {
        items = [item]
        ascii = (UInt8(0)..<0x80).map { item.contains(Unicode.Scalar($0)) }
    }

    /// `\s`.
    static let space = CharacterClass(Item.space)

    /// Reads one class from the front of `text` and removes it; nil, and `text` undefined, when there is none.
    init?(_ text: inout ArraySlice<Unicode.Scalar>) {
        guard read(&text) else { return nil }
        ascii = (UInt8(0)..<0x80).map { matches(Unicode.Scalar($0)) }
    }

    private mutating func read(_ text: inout ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = text.popFirst() else { return false }
        switch first {
        case "[":
            if text.first == "^" {
                isNegated = true
                text.removeFirst()
            }
            while let next = text.popFirst() {
                if next == "]" && !items.isEmpty { return true }
                guard let item = CharacterClass.item(next, &text) else { return false }
                guard case .range(let low) = item, text.first == "-", text.dropFirst().first != "]" else {
                    items.append(item)
                    continue
                }
                text.removeFirst()
                guard let last = text.popFirst(), case .range(let high)? = CharacterClass.item(last, &text),
                    low.lowerBound <= high.upperBound
                else { return false }
                items.append(.range(low.lowerBound...high.upperBound))
            }
            return false
        case "(", ")", "|", "?", "*", "+", "{", "}", "^", "$", ".": return false
        default:
            guard let item = CharacterClass.item(first, &text) else { return false }
            items = [item]
            return true
        }
    }

    private static func item(_ first: Unicode.Scalar, _ text: inout ArraySlice<Unicode.Scalar>) -> Item? {
        func only(_ scalar: Unicode.Scalar) -> Item { .range(scalar.value...scalar.value) }
        guard first == "\\" else { return only(first) }
        guard let escape = text.popFirst() else { return nil }
        switch escape {
        case "s": return .space
        case "S": return .not(.space)
        case "d": return .number
        case "w": return .word
        case "n": return only("\n")
        case "r": return only("\r")
        case "t": return only("\t")
        case "p", "P":
            guard text.count >= 3, text.removeFirst() == "{", let name = text.popFirst(), text.removeFirst() == "}"
            else { return nil }
            let classes: [Unicode.Scalar: Item] = ["L": .letter, "N": .number, "P": .punctuation]
            return escape == "p" ? classes[name] : classes[name].map { .not($0) }
        default: return escape.isLetter || escape.isNumber ? nil : only(escape)
        }
    }
}
