/// Cuts the bytes of a table with commas, tabs or semicolons (RFC 4180) into cells without quotes.
///
/// Lines end with LF, CRLF or CR; empty lines are skipped, and lines of blanks where the header has several cells; a
/// byte-order mark and blanks round quotes are dropped, other blanks belong to their cell; cells in quotes may hold
/// separators, line ends, doubled quotes and anything else that is UTF-8.
struct CSVReader {
    /// The cells of all records one after the other, and where each ends.
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []
    /// For every cell, whether it stood in quotes.
    private(set) var quoted: [Bool] = []
    /// For every record, how many cells precede it, and the line on which it begins.
    private(set) var firsts: [Int] = []
    private(set) var lines: [Int] = []

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads a whole table.
    init(_ input: UnsafeBufferPointer<UInt8>) throws(ManifestError.Problem) {
        bytes.reserveCapacity(input.count)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var position = input.starts(with: mark) ? 3 : 0
        let separator = Self.separator(input[position...])
        var line = 1
        while position < input.count {
            let first = ends.count
            let start = (line: line, byte: bytes.count)
            let wasQuoted = try record(input, &position, &line, separator)
            let isOneCell = ends.count == first + 1
            let isNarrow = firsts.count == 1 ? first == 1 : firsts.count > 1 && firsts[1] == 1
            let isEmpty = isNarrow ? bytes.count == start.byte : bytes[start.byte...].allSatisfy(Self.isBlank)
            if isOneCell, !wasQuoted, isEmpty {
                ends.removeLast()
                quoted.removeLast()
                bytes.removeSubrange(start.byte...)
            } else {
                firsts.append(first)
                lines.append(start.line)
            }
        }
    }

    /// Reads one record with its line end; returns whether any of its cells was quoted.
    private mutating func record(
        _ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ line: inout Int, _ separator: UInt8
    ) throws(ManifestError.Problem) -> Bool {
        var wasQuoted = false
        while true {
            var start = position
            Self.skipBlanks(input, &position, separator)
            let isQuoted = position < input.count && input[position] == Self.quote
            if isQuoted {
                wasQuoted = true
                try quotation(input, &position, &line)
                Self.skipBlanks(input, &position, separator)
                start = position
            }
            while position < input.count, input[position] != separator, !Self.isLineEnd(input[position]) {
                position += 1
            }
            if isQuoted, start < position { throw .afterQuote(line: line) }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: input[start..<position]))
            ends.append(bytes.count)
            quoted.append(isQuoted)
            guard position < input.count, input[position] == separator else { break }
            position += 1
        }
        Self.skipLineEnd(input, &position, &line)
        return wasQuoted
    }

    /// Reads a cell from its opening quote to behind its closing one.
    private mutating func quotation(
        _ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ line: inout Int
    ) throws(ManifestError.Problem) {
        let opened = line
        position += 1
        while position < input.count {
            let start = position
            while position < input.count, input[position] != Self.quote {
                if Self.isLineEnd(input[position]) { Self.skipLineEnd(input, &position, &line) } else { position += 1 }
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: input[start..<position]))
            guard position < input.count else { break }
            position += 1
            guard position < input.count, input[position] == Self.quote else { return }
            bytes.append(Self.quote)
            position += 1
        }
        throw .openQuote(line: opened)
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func skipBlanks(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ separator: UInt8) {
        while position < input.count, input[position] != separator, isBlank(input[position]) { position += 1 }
    }

    private static func skipLineEnd(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ line: inout Int) {
        guard position < input.count else { return }
        let isPair =
            input[position] == carriageReturn && position + 1 < input.count && input[position + 1] == lineFeed
        position += isPair ? 2 : 1
        line += 1
    }

    /// Tab when the first line that is not blank has tabs, and no fewer than commas, outside quotes; semicolon when it has
    /// no commas at all, as where numbers are written with decimal commas.
    private static func separator(_ input: Slice<UnsafeBufferPointer<UInt8>>) -> UInt8 {
        var (tabs, commas, semicolons) = (0, 0, 0)
        var isQuoted = false
        var isBlank = true
        for byte in input {
            switch byte {
            case quote: isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: commas += 1
            case UInt8(ascii: "\t") where !isQuoted: tabs += 1
            case UInt8(ascii: ";") where !isQuoted: semicolons += 1
            default: break
            }
            let isEnd = isLineEnd(byte)
            if isEnd, !isQuoted, !isBlank { break }
            isBlank = isBlank && (isEnd || byte == 0x20)
        }
        if tabs > 0, tabs >= commas { return UInt8(ascii: "\t") }
        return UInt8(ascii: semicolons > 0 && commas == 0 ? ";" : ",")
    }
}
