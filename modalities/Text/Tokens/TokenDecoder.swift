/// How token spellings become text again.
enum TokenDecoder: Sendable {
    /// One after another.
    case plain
    /// Bytes spelled in `ByteAlphabet`; a token's `suffix` ends a word.
    case byteLevel(suffix: String)
    /// A token that begins with `prefix` continues the word before it.
    case wordPiece(prefix: String)
    /// `mark` is a space; the first one is not part of the text.
    case metaspace(mark: Unicode.Scalar)

    func callAsFunction(_ tokens: [[UInt8]]) -> String {
        let words = tokens.map { String(decoding: $0, as: UTF8.self) }
        switch self {
        case .plain: return words.joined()
        case .byteLevel(let suffix):
            let bytes = words.flatMap { word -> [UInt8] in
                guard !suffix.isEmpty, word.hasSuffix(suffix) else {
                    return ByteAlphabet.decode(Array(word.unicodeScalars))
                }
                return ByteAlphabet.decode(Array(word.dropLast(suffix.count).unicodeScalars)) + [0x20]
            }
            return String(decoding: bytes, as: UTF8.self)
        case .wordPiece(let prefix):
            return words.enumerated().map { index, word in
                if word.hasPrefix(prefix) { return String(word.dropFirst(prefix.count)) }
                return index == 0 ? word : " " + word
            }.joined()
        case .metaspace(let mark):
            let text = words.joined().unicodeScalars.map { $0 == mark ? " " : $0 }
            return (text.first == " " ? Array(text.dropFirst()) : text).string
        }
    }
}
