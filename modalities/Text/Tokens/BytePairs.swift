/// Byte-pair encoding (Sennrich and others 2016): adjacent symbols merge, the pair learned first before all others.
struct BytePairs: Sendable {
    /// What a model file says beside the vocabulary and the merges.
    struct Options: Sendable {
        /// Added to the last character of every piece (`</w>`).
        var suffix = ""
        var unknown: Int?
        /// Neighbouring unknown characters become one id.
        var fusesUnknown = false
        /// An unknown character becomes the ids of its bytes, `<0x00>` … `<0xFF>`, when all 256 are there.
        var fallsBackToBytes = false
        /// A piece that is a token as it stands is not built from merges.
        var ignoresMerges = false
        /// Pieces that are one id as they stand, special tokens that the cut has left whole.
        var marks: [[UInt8]: Int] = [:]
    }

    private struct Merge: Sendable {
        var rank: UInt32
        var id: UInt32
    }

    let vocabulary: Vocabulary
    private let options: Options
    private let merges: [UInt64: Merge]
    private let bytes: [Int]
    /// Ids of the characters below U+0180, which hold the byte alphabet; -1 where there is none.
    private let low: [Int32]
    /// The same with the suffix.
    private let lowAtEnd: [Int32]

    /// `merges` are pairs of ids with the id that they become, in the order of learning.
    init(_ vocabulary: Vocabulary, merges: [(left: Int, right: Int, result: Int)], _ options: Options = Options()) {
        self.vocabulary = vocabulary
        self.options = options
        var table: [UInt64: Merge] = [:]
        table.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            let key = BytePairs.key(UInt32(merge.left), UInt32(merge.right))
            table[key] = Merge(rank: UInt32(rank), id: UInt32(merge.result))
        }
        self.merges = table
        bytes = options.fallsBackToBytes ? vocabulary.byteTokens : []
        func low(_ suffix: String) -> [Int32] {
            (UInt16(0)..<0x180).map { code in
                var token: [UInt8] = []
                if let scalar = Unicode.Scalar(code) { token.append(utf8Of: scalar) }
                return Int32(vocabulary.id(of: token + suffix.utf8) ?? -1)
            }
        }
        self.low = low("")
        lowAtEnd = low(options.suffix)
    }

    private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) << 32 | UInt64(right) }
}

extension BytePairs: TokenModel {
    func encode(_ piece: ArraySlice<Unicode.Scalar>, into ids: inout [Int]) {
        if !options.marks.isEmpty, piece.first == "<", let id = options.marks[Array(piece).utf8] {
            return ids.append(id)
        }
        if options.ignoresMerges, let id = vocabulary.id(of: Array(piece).utf8) { return ids.append(id) }
        var symbols = symbols(of: piece)
        merge(&symbols)
        for symbol in symbols where symbol != BytePairs.gone { ids.append(Int(symbol)) }
    }

    /// The ids of the single characters, before any merge.
    private func symbols(of piece: ArraySlice<Unicode.Scalar>) -> [UInt32] {
        var symbols: [UInt32] = []
        symbols.reserveCapacity(piece.count)
        var wasUnknown = false
        for index in piece.indices {
            let isLast = index == piece.endIndex - 1
            if let id = id(of: piece[index], isLast: isLast) {
                symbols.append(id)
                wasUnknown = false
            } else if !bytes.isEmpty {
                for byte in [piece[index]].utf8 { symbols.append(UInt32(bytes[Int(byte)])) }
                wasUnknown = false
            } else if let unknown = options.unknown {
                if !(wasUnknown && options.fusesUnknown) { symbols.append(UInt32(unknown)) }
                wasUnknown = true
            }
        }
        return symbols
    }

    private func id(of character: Unicode.Scalar, isLast: Bool) -> UInt32? {
        if character.value < 0x180 {
            let id = (isLast ? lowAtEnd : low)[Int(character.value)]
            return id < 0 ? nil : UInt32(id)
        }
        return vocabulary.id(of: [character].utf8 + (isLast ? Array(options.suffix.utf8) : [])).map(UInt32.init)
    }

    /// Marks a symbol that was merged into the one before it.
    private static let gone = UInt32.max

    /// Merges in place until no pair is left; a heap of (rank, place) keeps long pieces at n log n.
    private func merge(_ symbols: inout [UInt32]) {
        let count = symbols.count
        guard count > 1 else { return }
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        var heap = MinHeap(capacity: count)
        func push(_ left: Int, _ right: Int) {
            guard let merge = merges[BytePairs.key(symbols[left], symbols[right])] else { return }
            heap.push(UInt64(merge.rank) << 32 | UInt64(left))
        }
        for left in 0..<count - 1 { push(left, left + 1) }
        while let top = heap.pop() {
            let left = Int(top & 0xFFFF_FFFF)
            let right = next[left]
            // An entry is stale once either symbol has changed: then the pair has another rank, or none.
            guard symbols[left] != BytePairs.gone, right < count,
                let merge = merges[BytePairs.key(symbols[left], symbols[right])], merge.rank == UInt32(top >> 32)
            else { continue }
            symbols[left] = merge.id
            symbols[right] = BytePairs.gone
            next[left] = next[right]
            if next[left] < count {
                previous[next[left]] = left
                push(left, next[left])
            }
            if previous[left] >= 0 { push(previous[left], left) }
        }
    }
}

extension Vocabulary {
    /// The ids of `<0x00>` … `<0xFF>`, or none when one of them is missing.
    var byteTokens: [Int] {
        let digits = Array("0123456789ABCDEF")
        let found = (0..<256).compactMap { id(of: "<0x\(digits[$0 / 16])\(digits[$0 % 16])>") }
        return found.count == 256 ? found : []
    }
}
