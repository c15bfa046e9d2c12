/// A character set of one byte per character, as text repair uses it: every byte stands for something.
struct SingleByteSet: Sendable {
    /// The characters of bytes 0x80 … 0xFF.
    let upper: Scalars
    /// A Windows set with gaps, which decoders in the wild fill with Latin-1.
    ///
    /// Byte 0x1A then stands for U+FFFD: a character that was lost before.
    let isLenient: Bool
    private let bytes: [Unicode.Scalar: UInt8]

    /// `table` holds 128 characters; a space stands for the Latin-1 control character at that place.
    init(isLenient: Bool, _ table: String) {
        let upper = zip(UInt8(0x80)...0xFF, table.unicodeScalars).map { $1 == " " ? Unicode.Scalar($0) : $1 }
        precondition(upper.count == 128, "a single-byte table has 128 characters: \(upper.count)")
        self.upper = upper
        self.isLenient = isLenient
        var bytes = Dictionary(zip(upper, UInt8(0x80)...0xFF), uniquingKeysWith: { first, _ in first })
        if isLenient { bytes["\u{FFFD}"] = 0x1A }
        self.bytes = bytes
    }

    /// ISO 8859-1: the first 256 characters of Unicode.
    static let latin1 = SingleByteSet(isLenient: false, String(repeating: " ", count: 128))

    /// Those that repair tries, the likeliest first.
    static let tried: [SingleByteSet] = [
        latin1, windows1252, windows1251, windows1250, windows1253, windows1254, windows1257, latin2, macRoman, cp437,
    ]

    /// The bytes that `text` would have in this set, or nil when a character is not in it.
    func encode(_ text: some Sequence<Unicode.Scalar>) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in text {
            if scalar.value < 0x80, !(isLenient && scalar.value == 0x1A) {
                result.append(UInt8(scalar.value))
            } else if let byte = bytes[scalar] {
                result.append(byte)
            } else {
                return nil
            }
        }
        return result
    }

    /// The character of a byte.
    func decode(_ byte: UInt8) -> Unicode.Scalar {
        byte < 0x80 ? Unicode.Scalar(byte) : upper[Int(byte) - 0x80]
    }
}
