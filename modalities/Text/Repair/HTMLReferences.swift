/// Character references of HTML 5: `&amp;`, `&#39;`, `&eacute`.
struct HTMLReferences: Sendable {
    static let html5 = HTMLReferences()

    private var named: [String: Scalars] = [:]
    /// Names that need no semicolon.
    private var bare: Set<String> = []

    private init() {
        for entry in HTMLReferences.table.split(separator: " ") {
            guard let mark = entry.firstIndex(where: { $0 == "=" || $0 == "~" }) else { continue }
            let name = String(entry[..<mark])
            let codes = entry[entry.index(after: mark)...].split(separator: "+")
            named[name] = codes.compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
            if entry[mark] == "~" { bare.insert(name) }
        }
    }

    /// All references in `text` resolved, also those without a semicolon: WHATWG 13.2.5.73, as in Python's `html`.
    func unescape(_ text: Scalars) -> Scalars {
        guard text.contains("&") else { return text }
        var result: Scalars = []
        var at = 0
        while at < text.count {
            if text[at] == "&", let (value, end) = numeric(text, at) ?? namedLoosely(text, at) {
                result += value
                at = end
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }

    /// The references that end in a semicolon resolved, and the names of small letters also in capitals: `&EACUTE;`.
    func unescapeSurely(_ text: Scalars) -> Scalars {
        guard text.contains("&") else { return text }
        var result: Scalars = []
        var at = 0
        while at < text.count {
            if text[at] == "&", let (value, end) = surely(text, at) {
                result += value
                at = end
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }

    private func surely(_ text: Scalars, _ start: Int) -> (Scalars, Int)? {
        let isNumber = start + 1 < text.count && text[start + 1] == "#"
        var end = start + (isNumber ? 2 : 1)
        let begin = end
        while end < text.count, text[end].value < 0x80, text[end].isLetter || text[end].isNumber { end += 1 }
        guard (1...24).contains(end - begin), end < text.count, text[end] == ";" else { return nil }
        if isNumber {
            guard let (value, last) = numeric(text, start), last == end + 1, value != [";"] else { return nil }
            return (value, last)
        }
        let name = Array(text[begin..<end]).string
        if let value = named[name] { return (value, end + 1) }
        let lower = name.lowercased()
        guard name == name.uppercased(), let value = named[lower], namedLoosely(text, start) == nil else { return nil }
        return (value.flatMap { Array($0.properties.uppercaseMapping.unicodeScalars) }, end + 1)
    }

    /// `&#65;` or `&#x41;`, the semicolon optional.
    private func numeric(_ text: Scalars, _ start: Int) -> (Scalars, Int)? {
        var at = start + 1
        guard at < text.count, text[at] == "#" else { return nil }
        at += 1
        let isHexadecimal = at < text.count && (text[at] == "x" || text[at] == "X")
        if isHexadecimal { at += 1 }
        let begin = at
        var number: UInt32 = 0
        while at < text.count, text[at].value < 0x80, let digit = Character(text[at]).hexDigitValue,
            isHexadecimal || digit < 10
        {
            number = min(number * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x110000)
            at += 1
        }
        guard at > begin else { return nil }
        if at < text.count, text[at] == ";" { at += 1 }
        return (character(number), at)
    }

    private func character(_ number: UInt32) -> Scalars {
        switch number {
        case 0, 0xD800...0xDFFF, 0x110000...: return ["\u{FFFD}"]
        case 0x0D: return ["\r"]
        case 0x80...0x9F: return [SingleByteSet.windows1252.decode(UInt8(number))]
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
        default: return number & 0xFFFE == 0xFFFE ? [] : Unicode.Scalar(number).map { [$0] } ?? []
        }
    }

    /// `&name;`, or the longest name that needs no semicolon.
    private func namedLoosely(_ text: Scalars, _ start: Int) -> (Scalars, Int)? {
        var end = start + 1
        while end < text.count, end - start <= 32, !HTMLReferences.ends.contains(text[end]) { end += 1 }
        guard end > start + 1 else { return nil }
        let name = Array(text[(start + 1)..<end]).string
        if end < text.count, text[end] == ";", let value = named[name] { return (value, end + 1) }
        for length in stride(from: end - start - 1, to: 1, by: -1) {
            let prefix = Array(text[(start + 1)..<(start + 1 + length)]).string
            if bare.contains(prefix), let value = named[prefix] { return (value, start + 1 + length) }
        }
        return nil
    }

    private static let ends: Set<Unicode.Scalar> = ["\t", "\n", "\u{C}", " ", "<", "&", "#", ";"]
}
