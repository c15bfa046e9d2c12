/// Tokens and their ids: one block of bytes and an open hash table over it.
///
/// Keys are bytes, never `String`s: those compare by canonical equivalence, which would merge é with e + U+0301.
struct Vocabulary: Sendable {
    private var bytes: [UInt8] = []
    private var starts: [UInt32] = [0]
    private var ids: [Int32] = []
    private var slots: [Int32]
    private var entryOfID: [Int32] = []

    /// Ids from here on are refused by readers: no published vocabulary comes near it.
    static let mostIDs = 1 << 24

    /// How many tokens there are.
    var count: Int { ids.count }

    /// The largest id, -1 where there is none.
    var largestID: Int { entryOfID.count - 1 }

    init(capacity: Int = 0) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        starts.reserveCapacity(capacity + 1)
        ids.reserveCapacity(capacity)
        entryOfID.reserveCapacity(capacity)
        bytes.reserveCapacity(capacity * 8)
    }

    /// Adds a token; one that is there already keeps its first id.
    mutating func insert(_ token: some Collection<UInt8>, id: Int) {
        precondition(id >= 0 && id < Vocabulary.mostIDs, "a token id must lie in 0 ..< \(Vocabulary.mostIDs): \(id)")
        if ids.count * 2 >= slots.count { grow() }
        let added: Bool? = token.withContiguousStorageIfAvailable { insert(contiguous: $0, id: id) }
        if added == nil { _ = Array(token).withUnsafeBufferPointer { insert(contiguous: $0, id: id) } }
    }

    private mutating func insert(contiguous token: UnsafeBufferPointer<UInt8>, id: Int) -> Bool {
        let slot = self.slot(of: token)
        guard slots[slot] < 0 else { return false }
        slots[slot] = Int32(ids.count)
        if id >= entryOfID.count {
            entryOfID.append(contentsOf: repeatElement(-1, count: id + 1 - entryOfID.count))
        }
        if entryOfID[id] < 0 { entryOfID[id] = Int32(ids.count) }
        ids.append(Int32(id))
        bytes.append(contentsOf: token)
        starts.append(UInt32(bytes.count))
        return true
    }

    /// The id of a token.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int? {
        let entry = slots[slot(of: token)]
        return entry < 0 ? nil : Int(ids[Int(entry)])
    }

    /// The id of a token.
    func id(of token: some Collection<UInt8>) -> Int? {
        let found: Int?? = token.withContiguousStorageIfAvailable { id(of: $0) }
        return found ?? Array(token).withUnsafeBufferPointer { id(of: $0) }
    }

    /// The id of a token.
    func id(of token: String) -> Int? { id(of: Array(token.utf8)) }

    /// The bytes of the token with id `id`.
    func token(_ id: Int) -> ArraySlice<UInt8>? {
        guard id >= 0, id < entryOfID.count, entryOfID[id] >= 0 else { return nil }
        let entry = Int(entryOfID[id])
        return bytes[Int(starts[entry])..<Int(starts[entry + 1])]
    }

    /// Calls `body` with every token and its id, in the order of insertion.
    func forEach(_ body: (ArraySlice<UInt8>, Int) -> Void) {
        for entry in ids.indices { body(bytes[Int(starts[entry])..<Int(starts[entry + 1])], Int(ids[entry])) }
    }

    /// The slot that holds `token`, or the free one where it belongs.
    private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()  // seeded per process: a file cannot be made to collide
        hasher.combine(bytes: UnsafeRawBufferPointer(token))
        let mask = slots.count - 1
        var slot = hasher.finalize() & mask
        while true {
            let entry = Int(slots[slot])
            if entry < 0 { return slot }
            let start = Int(starts[entry])
            let end = Int(starts[entry + 1])
            if end - start == token.count, bytes[start..<end].elementsEqual(token) { return slot }
            slot = (slot + 1) & mask
        }
    }

    private mutating func grow() {
        let entries = ids.count
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for entry in 0..<entries {
            let slot = bytes[Int(starts[entry])..<Int(starts[entry + 1])].withUnsafeBufferPointer { self.slot(of: $0) }
            slots[slot] = Int32(entry)
        }
    }
}
