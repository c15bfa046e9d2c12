/// Tells whether a text holds characters side by side that people do not write: the mark of mojibake.
///
/// Classes and rules are those of ftfy 6 (Speer 2019), so that the same texts are repaired. A class is a bit; a character
/// carries the bits of all classes that it is in, and a rule is a row of masks, one per character.
struct Implausibility: Sendable {
    static let rules = Implausibility()

    private var classes: [Unicode.Scalar: UInt64] = [:]
    private var unused: UInt64 = 1
    private var rules: [[UInt64]] = []
    private var openings: [[UInt64]] = []

    /// Whether any rule holds anywhere in `text`.
    func isFound(in text: ArraySlice<Unicode.Scalar>) -> Bool {
        let bits = text.map(bits)
        func holds(_ rule: [UInt64], at start: Int) -> Bool {
            guard rule[0] & bits[start] != 0, start + rule.count <= bits.count else { return false }
            return rule.indices.allSatisfy { rule[$0] & bits[start + $0] != 0 }
        }
        if !bits.isEmpty, openings.contains(where: { holds($0, at: 0) }) { return true }
        return bits.indices.contains { start in rules.contains { holds($0, at: start) } }
    }

    // Classes that no list of characters gives.
    private let any: UInt64 = 1 << 63  // but a line break
    private let blank: UInt64 = 1 << 62
    private let word: UInt64 = 1 << 61
    private let notBasicLetter: UInt64 = 1 << 60

    private func bits(_ scalar: Unicode.Scalar) -> UInt64 {
        var bits = classes[scalar] ?? 0
        if scalar != "\n" { bits |= any }
        if scalar.isPythonSpace { bits |= blank }
        if scalar.isLetter || scalar.isNumber || scalar == "_" { bits |= word }
        if !(scalar.value < 0x80 && scalar.isLetter) { bits |= notBasicLetter }
        return bits
    }

    /// A new class of the listed characters and those of the ranges.
    private mutating func list(_ characters: String, _ ranges: ClosedRange<UInt32>...) -> UInt64 {
        let bit = unused
        unused <<= 1
        let all = Array(characters.unicodeScalars) + ranges.joined().compactMap { Unicode.Scalar($0) }
        for scalar in all { classes[scalar, default: 0] |= bit }
        return bit
    }

    private init() {
        let common = list("\u{A0}\u{AD}·´–—―…’")
        let controls = list("", 0x80...0x9F)
        let bad = list("¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\u{FFFD}ªº")
        let law = list("¶§")
        let currency = list("¢£¥₧€")
        let opening = list("¡«¿©\u{384}\u{385}‘‚“„•‹\u{F8FF}")
        let closing = list("®»˝”›™")
        let numeric = list("²³¹±¼½¾×µ÷⁄∂\u{2206}\u{220F}\u{2211}√∞∩∫≈≠≡≤≥№")
        // Letters that faces are drawn with, ヽ(°◇° )ノ, and that hence turn up in odd company.
        let faces = list("ŐŌŪŲ°", 0xD2...0xD6, 0xD9...0xDC, 0xF2...0xF6, 0xF8...0xFC)
        let upper = list("ØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ", 0xC0...0xD1)
        let lower = list("ßăąāćčďđęěēėğģįīķĺľłļńňņœŕśşšťüźżžґﬁﬂ", 0xE0...0xF1)
        // Whole alphabets, whose letters stand side by side in honest text.
        let alphabetUpper = list("ÞΆΈΉΊΌΎΏΪΫ", 0x391...0x3A9, 0x401...0x42F)
        let alphabetLower = list("άέήίΰ", 0x3B1...0x3C9, 0x430...0x45F)
        let box = list("│┌┐┘├┤┬┼▀▄█▌▐░▒▓", 0x2550...0x256C)

        let small = list("", 0x61...0x7A)
        let capital = list("", 0x41...0x5A)
        let space = list(" ")
        let accented = lower | upper
        let signs = box | opening | closing | currency | numeric | law

        rules = [
            [controls],
            [bad | accented | signs, bad],
            [small | capital, alphabetLower | alphabetUpper, bad],
            [bad, accented | signs],
            [lower | alphabetLower | box | closing | currency | numeric, upper],
            [box | closing | currency | numeric, lower],
            [lower | box | closing, currency],
            [blank, upper, currency],
            [upper | box, numeric | law],
            [accented | box | currency | closing, opening, numeric],
            [accented | currency | numeric | box | law, closing, opening],
            [currency | numeric | box, opening],
            [small, upper, opening | currency],
            [box, faces],
            [accented | currency | numeric | opening | closing | law, box],
            [box, closing],
            [accented, opening | closing, word],
            [upper, list("°")],
        ]

        // The ligature œ before anything but a basic Latin letter.
        rules.append([list("Œœ"), notBasicLetter])
        // UTF-8 of Latin letters and signs as Windows-1252.
        rules.append([list("ÂÃÎÐ"), list("€œŠš¢£Ÿž\u{A0}\u{AD}®©°·»–—´") | opening | closing])
        rules.append([list("×"), list("²³")])
        // Arabic as Windows-1252: everyday signs take part, hence two pairs are asked for.
        let arabicLead = list("ØÙ")
        let arabicNext = common | currency | bad | numeric | opening | list("ŸŠ®°µ»")
        rules.append([arabicLead, arabicNext, arabicLead, arabicNext])
        // South Asian scripts as Windows-1252.
        rules.append([list("à"), list("²µ¹¼½¾")])
        // As Mac OS Roman.
        let low9 = list("‚")
        rules.append([list("√"), list("±∂†≠®™´≤≥¥µø")])
        rules.append([list("≈"), list("°¢")])
        rules.append([low9, list("Ä"), list("ìîïòôúùû†°¢π")])
        rules.append([low9, list("âó"), list("àä°ê")])
        // Punctuation, then Latin letters and Cyrillic, as Windows-1251.
        let ve = list("В")
        let cyrillicLead = list("ВГРС")
        let cyrillicNext = controls | bad | opening | closing | currency | list("°µ")
        rules.append([list("в"), list("Ђ")])
        rules.append([cyrillicLead, cyrillicNext, cyrillicLead])
        rules.append([list("Г"), list("ў"), ve, list("Ђ"), ve, any, small | capital | space])
        // à, á and the no-break space as Windows-1252.
        let accentedA = list("ÃÂ")
        rules.append([list("Ã"), list("\u{A0}¡")])
        rules.append([small, accentedA, space])
        rules.append([small, blank, accentedA, space])
        openings = [[accentedA, space]]
        // A sign that stayed as it is and got an Â in front.
        rules.append([small | list(".,?!") | closing, list("Â"), space | opening | closing])
        // As Windows-1253 and Windows-1257.
        let greekLead = list("ΒΓΞΟ")
        let greekNext = controls | bad | opening | closing | currency | list("°")
        rules.append([list("β"), list("€"), list("™\u{A0}Ά\u{AD}®°")])
        rules.append([greekLead, greekNext, greekLead])
        rules.append([list("ā"), list("€")])
    }
}
