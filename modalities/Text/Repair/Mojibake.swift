/// UTF-8 that was read as a single-byte character set, turned back: `sÃ³` becomes `só`.
///
/// Follows the method of ftfy 6 (Speer 2019), which CLIP's tokenizer runs over every text: encode in each set that can
/// hold the text, mend bytes that other programs damaged, and take the first result that is UTF-8.
enum Mojibake {
    /// Repairs until nothing changes.
    static func repair(_ text: Scalars) -> Scalars {
        var text = text
        while true {
            let next = step(text)
            if next == text { return text }
            text = next
        }
    }

    private static func step(_ text: Scalars) -> Scalars {
        guard !text.isASCII, Implausibility.rules.isFound(in: text[...]) else { return text }
        for (index, set) in SingleByteSet.tried.enumerated() {
            guard var bytes = set.encode(text) else { continue }
            // In Mac OS Roman, a dash and a space would look like a damaged sequence.
            if index != macRoman, bytes.indices.contains(where: { spaced.match(bytes, at: $0) != nil }) {
                bytes = restoringNoBreakSpaces(bytes)
            }
            if set.isLenient { bytes = lossy.replacing(in: bytes) { _ in [0xEF, 0xBF, 0xBD] } }
            if let decoded = decode(bytes) { return decoded }
        }
        let embedded = repairingEmbedded(text)
        return embedded == text ? text.map(asWindows1252) : embedded
    }

    private static let macRoman = 8

    /// A C1 control is what the Windows character of the same byte became.
    static func asWindows1252(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0x80...0x9F).contains(scalar.value) else { return scalar }
        return SingleByteSet.windows1252.decode(UInt8(scalar.value))
    }

    /// UTF-8 in which a byte 0xA0 was taken for a space.
    private static let spaced: BytePattern = {
        let space: [ClosedRange<UInt8>] = [0x20...0x20]
        let next: [ClosedRange<UInt8>] = [0x80...0x84, 0x86...0x9F, 0xA1...0xBF]
        let any: [ClosedRange<UInt8>] = [0x80...0xBF]
        let two: [ClosedRange<UInt8>] = [
            0xC2...0xC3, 0xC5...0xC5, 0xCE...0xCE, 0xD0...0xD0, 0xD9...0xD9,
        ]
        let four: [ClosedRange<UInt8>] = [0xF0...0xF0]
        return BytePattern([
            [two, space], [[0xE2...0xE3], space, next], [[0xE0...0xE3], next, space], [four, space, any, any],
            [four, any, space, any], [four, any, any, space],
        ])
    }()

    /// UTF-8 in which continuation bytes were lost: 0x1A stands for an unknown one, and a question mark may.
    private static let lossy: BytePattern = {
        let lost: [ClosedRange<UInt8>] = [0x1A...0x1A]
        let asked: [ClosedRange<UInt8>] = [0x1A...0x1A, 0x3F...0x3F]
        let next: [ClosedRange<UInt8>] = [0x1A...0x1A, 0x80...0xBF]
        let either: [ClosedRange<UInt8>] = [0x1A...0x1A, 0x3F...0x3F, 0x80...0xBF]
        let surrogate: [ClosedRange<UInt8>] = [0xED...0xED]
        let high: [ClosedRange<UInt8>] = [0xA0...0xAF]
        let low: [ClosedRange<UInt8>] = [0xB0...0xBF]
        let three: [ClosedRange<UInt8>] = [0xE0...0xEF]
        let four: [ClosedRange<UInt8>] = [0xF0...0xF4]
        return BytePattern([
            [[0xC2...0xDF], lost], [[0xC2...0xC3], [0x3F...0x3F]],
            [surrogate, high, asked, surrogate, low, either], [surrogate, high, either, surrogate, low, asked],
            [three, asked, next], [three, next, asked],
            [four, asked, next, next], [four, next, asked, next], [four, next, next, asked], [lost],
        ])
    }()

    private static func restoringNoBreakSpaces(_ bytes: [UInt8]) -> [UInt8] {
        // " Ã " is the word "à": it keeps its space, except before the endings of Portuguese words.
        let endings = [" ", "quele", "quela", "quilo", "s "].map { Array($0.utf8) }
        var kept: [UInt8] = []
        for (at, byte) in bytes.enumerated() {
            kept.append(byte)
            guard byte == 0xC3, at + 1 < bytes.count, bytes[at + 1] == 0x20 else { continue }
            let rest = bytes[(at + 2)...]
            if !endings.contains(where: { rest.starts(with: $0) }) { kept.append(0xA0) }
        }
        return spaced.replacing(in: kept) { $0.map { $0 == 0x20 ? 0xA0 : $0 } }
    }

    /// Mojibake inside text that is otherwise sound: each suspicious run is repaired by itself.
    private static func repairingEmbedded(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        var at = 0
        while at < text.count {
            let isInside = at > 0 && ByteRole.of(text[at - 1]).contains(.continuesSurely)
            let end = isInside ? at : ByteRole.endOfSequences(text, from: at)
            guard end > at else {
                result.append(text[at])
                at += 1
                continue
            }
            let run = text[at..<end]
            let repairs = run.count < text.count && Implausibility.rules.isFound(in: run)
            result += repairs ? repair(Array(run)) : Array(run)
            at = end
        }
        return result
    }

    /// Strict UTF-8, but where the bytes hint at it also with surrogate pairs encoded one by one (CESU-8) and with Java's
    /// two-byte NUL; nil when it is neither.
    private static func decode(_ bytes: [UInt8]) -> Scalars? {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == 0xC0, at + 1 < bytes.count, bytes[at + 1] == 0x80 {
                plain.append(0)
                at += 2
            } else if at + 6 <= bytes.count, surrogatePair.match(bytes, at: at) != nil {
                let high = UInt32(bytes[at + 1] & 0x0F) << 16 | UInt32(bytes[at + 2] & 0x3F) << 10
                let low = UInt32(bytes[at + 4] & 0x0F) << 6 | UInt32(bytes[at + 5] & 0x3F)
                guard let scalar = Unicode.Scalar(0x10000 + (high | low)) else { return nil }
                plain.append(utf8Of: scalar)
                at += 6
            } else {
                plain.append(bytes[at])
                at += 1
            }
        }
        return String(validating: plain, as: UTF8.self).map { Array($0.unicodeScalars) }
    }

    private static let surrogatePair = BytePattern([
        [[0xED...0xED], [0xA0...0xAF], [0x80...0xBF], [0xED...0xED], [0xB0...0xBF], [0x80...0xBF]]
    ])
}

/// What part of a UTF-8 sequence a character may be when the bytes were read as a Latin-like set.
private struct ByteRole: OptionSet {
    let rawValue: UInt8

    static let beginsTwo = ByteRole(rawValue: 1)
    static let beginsThree = ByteRole(rawValue: 2)
    static let beginsFour = ByteRole(rawValue: 4)
    static let continues = ByteRole(rawValue: 8)
    /// A continuation that is not also everyday punctuation.
    static let continuesSurely = ByteRole(rawValue: 16)

    private static let table: [Unicode.Scalar: ByteRole] = {
        var roles: [Unicode.Scalar: ByteRole] = [" ": .continues]  // a space may have been a no-break space
        for set in SingleByteSet.tried.dropLast(2) {
            for (scalar, byte) in zip(set.upper, UInt8(0x80)...0xFF) {
                switch byte {
                case 0x80...0xBF:
                    let isPunctuation = (0x2013...0x2026).contains(scalar.value) && scalar != "†" && scalar != "‡"
                    roles[scalar, default: []].formUnion(isPunctuation ? .continues : [.continues, .continuesSurely])
                case 0xC2...0xDF: roles[scalar, default: []].insert(.beginsTwo)
                case 0xE0...0xEF: roles[scalar, default: []].insert(.beginsThree)
                case 0xF0, 0xF3: roles[scalar, default: []].insert(.beginsFour)
                default: break
                }
            }
        }
        return roles
    }()

    static func of(_ scalar: Unicode.Scalar) -> ByteRole { table[scalar] ?? [] }

    /// The end of the unbroken row of sequences that begins at `start`; `start` itself where none does.
    static func endOfSequences(_ text: Scalars, from start: Int) -> Int {
        var end = start
        while end < text.count {
            let role = of(text[end])
            var length = 0
            for (kind, following) in [(ByteRole.beginsTwo, 1), (.beginsThree, 2), (.beginsFour, 3)]
            where length == 0 && role.contains(kind) && end + following < text.count {
                if (1...following).allSatisfy({ of(text[end + $0]).contains(.continues) }) { length = following + 1 }
            }
            guard length > 0 else { break }
            end += length
        }
        return end
    }
}
