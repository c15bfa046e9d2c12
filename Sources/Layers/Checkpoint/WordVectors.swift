import BinderyTensors
public import Foundation
import Synchronization

/// The text form of word vectors that word2vec, GloVe and FastText share: a word and its numbers on every line.
///
/// The first line may count words and numbers instead, as word2vec and FastText write it. Words may hold spaces, as some
/// of GloVe's do: a line's last numbers are its vector.
public struct WordVectors: Sendable {
    /// The words in the order of the file.
    public let words: [String]
    /// The length of the vectors.
    public let width: Int
    /// One tensor, `vectors`, [words + 1, width]: a row per word and a last row of zeros for words that are unknown.
    public let checkpoint: Checkpoint

    /// Reads a file; throws, with the first lines that are wrong, when it is not there or not of this form.
    public init(contentsOf url: URL) throws(CheckpointError) {
        let file = try MappedFile(url)
        var lines = WordVectors.lines(file.bytes)
        guard let first = lines.first else { throw CheckpointError(file.path, .empty) }
        let fields = WordVectors.fields(first)
        var header = 0
        if fields.count == 2, let count = Int(fields[0]), let width = Int(fields[1]), count > 0, width > 1 {
            self.width = width
            lines.removeFirst()
            header = 1
        } else {
            width = fields.count - 1
        }
        guard (1...65_536).contains(width), !lines.isEmpty else {
            throw CheckpointError(file.path, .line(1, reason: "is neither a word with its numbers nor two counts"))
        }
        guard lines.count <= WordVectors.mostWords else {
            throw CheckpointError(file.path, .line(lines.count, reason: "is one too many"))
        }
        // A number takes two bytes at least, its separator included: memory is taken only where they can be there.
        guard lines.count * width * 2 <= file.bytes.count else {
            throw CheckpointError(file.path, .line(header + 1, reason: "has more numbers than other lines"))
        }
        let (width, rows, firstLine) = (width, lines, 1 + header)
        let found = Mutex<(words: [Int: [String]], problems: [Int: CheckpointError.Problem])>(([:], [:]))
        let memory = try MappedFile(path: file.path, count: (rows.count + 1) * width * 4) { target in
            let numbers = target.bindMemory(to: Float.self)
            Threads.forEach(rows.count, grain: 4096) { range in
                var words: [String] = []
                words.reserveCapacity(range.count)
                for row in range {
                    let vector = UnsafeMutableBufferPointer(rebasing: numbers[row * width..<(row + 1) * width])
                    guard let word = WordVectors.read(rows[row], into: vector) else {
                        let reason = "is not a word with \(width) numbers"
                        found.withLock { $0.problems[row] = .line(row + firstLine, reason: reason) }
                        return
                    }
                    words.append(word)
                }
                found.withLock { $0.words[range.lowerBound] = words }
            }
        }
        let (words, problems) = found.withLock { ($0.words, $0.problems) }
        guard problems.isEmpty else {
            throw CheckpointError(file.path, problems.sorted { $0.key < $1.key }.map(\.value))
        }
        self.words = words.sorted { $0.key < $1.key }.flatMap(\.value)
        let table = StoredTensor(file: memory, start: 0, dtype: .f32, layout: Layout([rows.count + 1, width]))
        checkpoint = Checkpoint(path: file.path, stored: ["vectors": table])
    }

    /// More words are refused; FastText's largest file has two million.
    private static let mostWords = 1 << 24

    /// The lines that are not empty, without their ends; one more than may be is enough.
    private static func lines(_ bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        var lines: [UnsafeRawBufferPointer] = []
        var start = 0
        while start < bytes.count, lines.count <= mostWords {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let end = rest.firstIndex(of: 0x0A) ?? rest.count
            var length = end
            while length > 0, rest[length - 1] == 0x0D || rest[length - 1] == 0x20 { length -= 1 }
            if length > 0 { lines.append(UnsafeRawBufferPointer(rebasing: rest[..<length])) }
            start += end + 1
        }
        return lines
    }

    private static func fields(_ line: UnsafeRawBufferPointer) -> [Substring] {
        String(decoding: line.prefix(1 << 20), as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\t" })
    }

    /// Writes the last numbers of a line and gives the word before them; nil when there are not enough.
    private static func read(
        _ line: UnsafeRawBufferPointer, into vector: UnsafeMutableBufferPointer<Float>
    ) -> String? {
        var end = line.count
        for index in vector.indices.reversed() {
            var start = end
            while start > 0, line[start - 1] != 0x20, line[start - 1] != 0x09 { start -= 1 }
            guard start > 1, let number = number(UnsafeRawBufferPointer(rebasing: line[start..<end])) else {
                return nil
            }
            vector[index] = number
            end = start - 1
        }
        return String(validating: UnsafeRawBufferPointer(rebasing: line[..<end]), as: UTF8.self)
    }

    /// A decimal number; nil when it is none, or none that a Float can hold.
    ///
    /// Up to eighteen digits and a small exponent, which is what such files hold, are exact in whole numbers and doubles;
    /// anything else goes the library's slow way.
    private static func number(_ text: UnsafeRawBufferPointer) -> Float? {
        var at = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var digits = 0
        var decimals = 0
        var mantissa: UInt64 = 0
        var isFraction = false
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if byte &- UInt8(ascii: "0") < 10, digits < 18 {
                mantissa = mantissa * 10 + UInt64(byte &- UInt8(ascii: "0"))
                digits += 1
                if isFraction { decimals += 1 }
            } else {
                break
            }
            at += 1
        }
        guard at == text.count, digits > 0 else {
            let value = Float(String(decoding: text, as: UTF8.self))
            return value.flatMap { $0.isFinite ? $0 : nil }
        }
        let value = Double(mantissa) / powers[decimals]
        return Float(isNegative ? -value : value)
    }

    /// 10⁰ … 10¹⁸, all exact.
    private static let powers: [Double] = (0...18).reduce(into: []) { powers, _ in
        powers.append((powers.last ?? 0.1) * 10)
    }
}
