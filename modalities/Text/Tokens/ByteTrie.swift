/// Finds all tokens that begin at a place of a text in one walk.
///
/// Edges lie in one open hash table keyed by (node, byte): building costs one insertion per byte of a new prefix.
struct ByteTrie: Sendable {
    private struct Edge: Sendable {
        var key: UInt32 = .max  // node · 256 + byte
        var child: UInt32 = 0
    }

    private var edges: [Edge]
    private var shift: UInt64
    private var values: [Int32] = [-1]  // by node; -1 where no token ends

    init() {
        edges = [Edge](repeating: Edge(), count: 1 << 10)
        shift = 64 - 10
    }

    /// More nodes than this do not fit a key: 16 million.
    static let mostNodes = 1 << 24

    /// Adds a token with a value from 0 on; of equal tokens the first stays, and false says that the trie is full.
    @discardableResult
    mutating func insert(_ token: some Collection<UInt8>, value: Int) -> Bool {
        var node: UInt32 = 0
        for byte in token {
            let key = node << 8 | UInt32(byte)
            let slot = self.slot(of: key)
            if edges[slot].key == key {
                node = edges[slot].child
                continue
            }
            guard values.count < ByteTrie.mostNodes else { return false }
            node = UInt32(values.count)
            values.append(-1)
            edges[slot] = Edge(key: key, child: node)
            if values.count * 2 > edges.count { grow() }
        }
        if values[Int(node)] < 0 { values[Int(node)] = Int32(value) }
        return true
    }

    /// Calls `body` with the end and the value of each token that begins at `start`, the shortest first.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, at start: Int, _ body: (Int, Int) -> Void) {
        var node: UInt32 = 0
        var at = start
        while at < text.count {
            let key = node << 8 | UInt32(text[at])
            let edge = edges[slot(of: key)]
            guard edge.key == key else { return }
            node = edge.child
            at += 1
            let value = values[Int(node)]
            if value >= 0 { body(at, Int(value)) }
        }
    }

    /// The end and the value of the longest token that begins at `start`.
    func longestMatch(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (end: Int, value: Int)? {
        var longest: (end: Int, value: Int)?
        forEachMatch(in: text, at: start) { longest = ($0, $1) }
        return longest
    }

    /// The slot that holds `key`, or the free one where it belongs.
    ///
    /// Multiplying by 2⁶⁴/φ spreads consecutive keys.
    private func slot(of key: UInt32) -> Int {
        var slot = Int(truncatingIfNeeded: (UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while edges[slot].key != key, edges[slot].key != .max { slot = (slot + 1) & (edges.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = edges
        edges = [Edge](repeating: Edge(), count: old.count * 2)
        shift -= 1
        for edge in old where edge.key != .max { edges[slot(of: edge.key)] = edge }
    }
}
