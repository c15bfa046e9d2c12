import Foundation

/// Merges as pairs of ids, checked against a vocabulary while they are read.
struct MergeList {
    /// Two tokens that become one.
    typealias Pair = (left: ArraySlice<UInt8>, right: ArraySlice<UInt8>)

    private let vocabulary: Vocabulary
    private let file: String
    private var joined: [UInt8] = []
    private(set) var pairs: [(left: Int, right: Int, result: Int)] = []

    init(_ vocabulary: Vocabulary, file: String) {
        self.vocabulary = vocabulary
        self.file = file
        pairs.reserveCapacity(vocabulary.count)
    }

    mutating func append(_ pair: Pair) throws(TokenizerError) {
        joined.removeAll(keepingCapacity: true)
        joined += pair.left
        joined += pair.right
        guard let first = vocabulary.id(of: pair.left), let second = vocabulary.id(of: pair.right),
            let result = vocabulary.id(of: joined)
        else {
            let words = String(decoding: pair.left + [0x20] + pair.right, as: UTF8.self).debugDescription
            throw .invalid(file: file, what: "merge \(pairs.count) (\(words)) is not in the vocabulary")
        }
        pairs.append((first, second, result))
    }

    /// A line of two tokens with a space between them; `number` names it in errors.
    static func pair(_ line: ArraySlice<UInt8>, _ number: Int, file: String) throws(TokenizerError) -> Pair {
        guard let space = line.firstIndex(of: 0x20) else {
            throw .invalid(file: file, what: "merge \(number) is not a pair of tokens")
        }
        return (line[..<space], line[(space + 1)...])
    }

    /// The first `most` pairs of a `merges.txt` or of CLIP's packed table, one per line after the version line.
    static func read(
        _ file: Data, name: String, most: Int = Vocabulary.mostIDs
    ) throws(TokenizerError) -> [Pair] {
        guard file.count <= TokenizerFile.mostBytes else {
            throw .tooLarge(file: name, bytes: file.count, limit: TokenizerFile.mostBytes)
        }
        let plain = try Gzip.plain([UInt8](file), name: name, limit: TokenizerFile.mostBytes)
        var lines = plain.split(separator: 0x0A, maxSplits: most + 1).prefix(most + 1)
        // "#version: 0.2", in CLIP's table behind a quote and the name of the table.
        if let first = lines.first, String(decoding: first, as: UTF8.self).contains("#version:") { lines.removeFirst() }
        var pairs: [Pair] = []
        pairs.reserveCapacity(lines.count)
        for line in lines.prefix(most) {
            pairs.append(try pair(line.last == 0x0D ? line.dropLast() : line, pairs.count, file: name))
        }
        return pairs
    }
}
