/// Text repair as CLIP's tokenizer does it first of all: ftfy's `fix_text` with its default settings (Speer 2019).
struct TextRepair: Sendable {
    /// A line longer than this is repaired in parts.
    private static let longestPart = 1_000_000

    /// Repairs each line by itself; once a `<` was seen, character references are taken for a part of the text.
    static func repair(_ text: Scalars) -> Scalars {
        if text.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7F && $0 != "&" }) { return text }
        var result: Scalars = []
        result.reserveCapacity(text.count)
        var unescapes = true
        var start = 0
        while start < text.count {
            var end = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
            end = min(end, start + longestPart)
            let line = Array(text[start..<end])
            if line.contains("<") { unescapes = false }
            result += repair(line: line, unescapes: unescapes)
            start = end
        }
        return result
    }

    private static func repair(line: Scalars, unescapes: Bool) -> Scalars {
        var text = line
        while true {
            let before = text
            if unescapes { text = HTMLReferences.html5.unescapeSurely(text) }
            text = Mojibake.repair(text)
            text = tidied(text.map(Mojibake.asWindows1252))
            text = withoutTerminalEscapes(text).filter { !isStray($0) }.normalized(.nfc)
            if text == before { return text }
        }
    }

    /// Ligatures spelled out, widths made ordinary, quotes straight, line breaks one kind.
    private static func tidied(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for (index, scalar) in text.enumerated() {
            switch scalar.value {
            case 0x0D:
                if index + 1 < text.count, text[index + 1] == "\n" { continue }
                result.append("\n")
            case ..<0x80: result.append(scalar)
            case 0x132...0x133, 0x149, 0x1C4...0x1CC, 0x1F1...0x1F3, 0xFB00...0xFB06:
                result += ligatures[scalar] ?? [scalar]
            case 0x2BC, 0x2018...0x201B: result.append("'")
            case 0x201C...0x201F: result.append("\"")
            case 0x85, 0x2028, 0x2029: result.append("\n")
            case 0x3000: result.append(" ")
            case 0xFF01...0xFFEF: result += [scalar].normalized(.nfkc)
            default: result.append(scalar)
            }
        }
        return result
    }

    /// Digraphs and ligatures of Latin letters.
    ///
    /// The apostrophe of ŉ is straight, as quotes are.
    private static let ligatures: [Unicode.Scalar: Scalars] = {
        let pairs: [Unicode.Scalar: String] = [
            "Ĳ": "IJ", "ĳ": "ij", "ŉ": "'n", "Ǳ": "DZ", "ǲ": "Dz", "ǳ": "dz", "Ǆ": "DŽ", "ǅ": "Dž", "ǆ": "dž",
            "Ǉ": "LJ",
            "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi",
            "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st",
        ]
        return pairs.mapValues { Array($0.unicodeScalars) }
    }()

    /// `ESC [ numbers letter`, which colours text on terminals.
    private static func withoutTerminalEscapes(_ text: Scalars) -> Scalars {
        guard text.contains("\u{1B}") else { return text }
        var result: Scalars = []
        var at = 0
        while at < text.count {
            if text[at] == "\u{1B}", let end = endOfEscape(text, at) {
                at = end
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }

    private static func endOfEscape(_ text: Scalars, _ start: Int) -> Int? {
        var at = start + 1
        guard at < text.count, text[at] == "[" else { return nil }
        at += 1
        while at < text.count, text[at] == ";" || text[at].properties.generalCategory == .decimalNumber { at += 1 }
        guard at < text.count, text[at].value < 0x80, text[at].isLetter else { return nil }
        return at + 1
    }

    /// Control characters that no one means: all of ASCII's but the white space, and a few of Unicode's.
    private static func isStray(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: true
        default: false
        }
    }
}
