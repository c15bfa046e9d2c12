/// GPT-2's printable stand-ins for the 256 bytes (Radford and others 2019), in which byte-level vocabularies are spelled.
enum ByteAlphabet {
    /// The character of each byte: printable Latin-1 stands for itself, the rest for U+0100, U+0101, … in turn.
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt32(0)..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte) ?? " "
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? " "
            }
        }
    }()

    private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
        uniqueKeysWithValues: zip(characters, UInt8.min...UInt8.max))

    /// Appends the characters of the UTF-8 bytes of `scalar`.
    static func append(_ scalar: Unicode.Scalar, to result: inout Scalars) {
        if scalar.value < 0x80 {
            result.append(characters[Int(scalar.value)])
        } else {
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { result.append(characters[Int(byte)]) }
        }
    }

    /// The bytes that a spelled token stands for; characters outside the alphabet give their own UTF-8.
    static func decode(_ spelled: Scalars) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in spelled {
            if let byte = bytes[scalar] { result.append(byte) } else { result.append(utf8Of: scalar) }
        }
        return result
    }
}
