/// What sentencepiece does to a text before it cuts it: map characters, tidy spaces, spell each space as ▁.
struct SentencePieceNormalizer: Sendable {
    var map: CharacterMap?
    /// Runs of spaces become one, and those at the ends go.
    var removesExtraSpaces = true
    /// A space is put in front of the text.
    var addsSpace = true
    /// The text continues another one: nothing is done about its beginning.
    var continues = false

    private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

    func callAsFunction(_ text: Scalars) -> Scalars {
        guard !text.isEmpty else { return text }
        let mapped = mapped(text.utf8)
        var result: [UInt8] = addsSpace && !continues ? SentencePieceNormalizer.mark : []
        var wasSpace = removesExtraSpaces && !continues
        for byte in mapped {
            if byte == 0x20 {
                if !wasSpace { result += SentencePieceNormalizer.mark }
                wasSpace = removesExtraSpaces
            } else {
                result.append(byte)
                wasSpace = false
            }
        }
        while removesExtraSpaces, result.suffix(3).elementsEqual(SentencePieceNormalizer.mark) { result.removeLast(3) }
        return Scalars(utf8: result)
    }

    private func mapped(_ text: [UInt8]) -> [UInt8] {
        guard let map else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { text in
            var at = 0
            while at < text.count {
                if let match = map.match(text, at: at) {
                    result += match.replacement
                    at += match.length
                } else {
                    repeat {
                        result.append(text[at])
                        at += 1
                    } while at < text.count && text[at] & 0xC0 == 0x80
                }
            }
        }
        return result
    }
}
