/// The special tokens around a text or a pair of texts, with the type id of every part.
struct TokenFrame: Sendable {
    enum Part: Sendable, Equatable {
        case special([Int], type: Int)
        case first(type: Int)
        case second(type: Int)
    }

    var single: [Part] = [.first(type: 0)]
    var pair: [Part] = [.first(type: 0), .second(type: 1)]

    /// `[CLS] text [SEP]` and the like: `begin`, the text, `end`.
    static func around(begin: [Int], end: [Int]) -> TokenFrame {
        TokenFrame(
            single: [.special(begin, type: 0), .first(type: 0), .special(end, type: 0)],
            pair: [
                .special(begin, type: 0), .first(type: 0), .special(end, type: 0), .second(type: 1),
                .special(end, type: 1),
            ])
    }

    /// How many ids the frame itself takes.
    static func width(_ parts: [Part]) -> Int {
        parts.reduce(0) { width, part in
            guard case .special(let ids, _) = part else { return width }
            return width + ids.count
        }
    }

    /// The framed ids, and the type id of each.
    static func fill(_ parts: [Part], _ first: [Int], _ second: [Int] = []) -> (ids: [Int], types: [Int]) {
        var ids: [Int] = []
        var types: [Int] = []
        for part in parts {
            let (next, type) =
                switch part {
                case .special(let special, let type): (special, type)
                case .first(let type): (first, type)
                case .second(let type): (second, type)
                }
            ids += next
            types += repeatElement(type, count: next.count)
        }
        return (ids, types)
    }
}
