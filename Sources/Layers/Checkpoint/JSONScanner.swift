/// Reads the few kinds of JSON value that safetensors headers are made of, in order, from bytes.
struct JSONScanner {
    /// Something else stands where `expected` should.
    struct Unexpected: Error {
        let expected: String
        let position: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func unexpected(_ expected: String) -> Unexpected { Unexpected(expected: expected, position: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Steps over `character`, and over the white space around it, when it is the next.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Unexpected) {
        guard take(character) else { throw unexpected("'\(character)'") }
    }

    /// Expects nothing but white space up to the end.
    mutating func end() throws(Unexpected) {
        skipSpace()
        guard next == nil else { throw unexpected("end") }
    }

    /// Reads `{"key": value, …}`; `value` reads each value.
    mutating func object(
        _ value: (inout JSONScanner, _ key: String) throws(Unexpected) -> Void
    ) throws(Unexpected) {
        try expect("{")
        guard !take("}") else { return }
        repeat {
            let key = try string()
            try expect(":")
            try value(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Reads `[1, 2, …]` of whole numbers that are not negative.
    mutating func numbers() throws(Unexpected) -> [Int] {
        try expect("[")
        guard !take("]") else { return [] }
        var result: [Int] = []
        repeat { result.append(try number()) } while take(",")
        try expect("]")
        return result
    }

    private mutating func number() throws(Unexpected) -> Int {
        skipSpace()
        let start = position
        var value = 0
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw unexpected("number below 2^63") }
            value = sum
            position += 1
        }
        guard position > start else { throw unexpected("whole number") }
        return value
    }

    /// Reads `"…"` with its escapes.
    mutating func string() throws(Unexpected) -> String {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw unexpected("string") }
        position += 1
        var text: [UInt8] = []
        var start = position
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw unexpected("printable character") }
            guard byte == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            text.append(contentsOf: bytes[start..<position])
            position += 1
            text.append(contentsOf: String(try escape()).utf8)
            start = position
        }
        guard next != nil else { throw unexpected("closing quote") }
        text.append(contentsOf: bytes[start..<position])
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else { throw unexpected("valid UTF-8") }
        return string
    }

    private mutating func escape() throws(Unexpected) -> Character {
        guard let byte = next else { throw unexpected("escaped character") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try unicode())
        default: throw unexpected("known escape")
        }
    }

    /// Reads the digits of `\uXXXX`, and of the second half when the first is a surrogate.
    private mutating func unicode() throws(Unexpected) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, next == UInt8(ascii: "\\") else { throw unexpected("surrogate pair") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw unexpected("surrogate pair") }
        position += 1
        let second = try codeUnit()
        let value = 0x10000 + ((UInt32(first) - 0xD800) << 10)
        guard second >= 0xDC00, second < 0xE000, let scalar = Unicode.Scalar(value + UInt32(second) - 0xDC00) else {
            throw unexpected("surrogate pair")
        }
        return scalar
    }

    private mutating func codeUnit() throws(Unexpected) -> UInt16 {
        guard let digits = bytes.part(at: position, length: 4), digits.allSatisfy({ Character(.init($0)).isHexDigit }),
            let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw unexpected("four hexadecimal digits") }
        position += 4
        return value
    }
}
