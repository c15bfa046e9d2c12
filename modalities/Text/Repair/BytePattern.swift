/// Short byte sequences described by the set that each byte comes from: the first alternative that fits is taken.
struct BytePattern: Sendable {
    private let alternatives: [[[Bool]]]

    /// Each alternative is a list of sets of bytes, a set a list of ranges.
    init(_ alternatives: [[[ClosedRange<UInt8>]]]) {
        self.alternatives = alternatives.map { sets in
            sets.map { ranges in (UInt8.min...UInt8.max).map { byte in ranges.contains { $0.contains(byte) } } }
        }
    }

    /// The length of the match at `at`.
    func match(_ bytes: [UInt8], at: Int) -> Int? {
        for sets in alternatives where at + sets.count <= bytes.count {
            if sets.indices.allSatisfy({ sets[$0][Int(bytes[at + $0])] }) { return sets.count }
        }
        return nil
    }

    /// Every match from left to right replaced by what `replace` makes of it.
    func replacing(in bytes: [UInt8], _ replace: (ArraySlice<UInt8>) -> [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if let length = match(bytes, at: at) {
                result += replace(bytes[at..<at + length])
                at += length
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return result
    }
}
