extension TorchFile {
    /// The pickled number 0x1950a86a20f9469cfc6c with which torch began its files until 1.6.
    private static let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]

    /// Whether `bytes` begin like a stream: a pickle with the magic number, perhaps behind a frame.
    static func isStream(_ bytes: UnsafeRawBufferPointer) -> Bool { endOfMagic(bytes) != nil }

    private static func endOfMagic(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.first == PickleOpcode.proto.rawValue else { return nil }
        return [2, 11].first { bytes.part(at: $0, length: magic.count)?.elementsEqual(magic) == true }
            .map { $0 + magic.count }
    }

    /// Five pickles (magic number, protocol 1001, system, object, list of storage keys), then for every key a 64-bit
    /// count of elements and the elements.
    static func stream(
        _ bytes: UnsafeRawBufferPointer, _ places: inout [String: Place]
    ) throws(CheckpointError.Problem) -> (PickleValue, PickleHeap) {
        guard var position = endOfMagic(bytes) else { throw .unknownFormat }

        func next() throws(CheckpointError.Problem) -> (value: PickleValue, heap: PickleHeap) {
            let limit = min(position, bytes.count - longestPickle) + longestPickle
            var machine = PickleMachine(UnsafeRawBufferPointer(rebasing: bytes[..<limit]), at: position)
            let value = try machine.run()
            position = machine.position
            return (value, machine.heap)
        }

        guard case .int(1001) = try next().value else { throw .pickle("has an unknown stream protocol", at: position) }
        let system = try next()
        for case (.text("little_endian"), .bool(false)) in system.heap.members(system.value) ?? [] {
            throw .pickle("was written with big-endian numbers", at: position)
        }
        let object = try next()
        let keys = try next()
        var kinds: [String: TorchStorageKind] = [:]
        for storage in object.heap.storages { kinds[storage.key] = storage.kind }
        for key in keys.heap.elements(keys.value) ?? [] {
            guard case .text(let key) = key, let kind = kinds[key], places[key] == nil else {
                throw .pickle("lists storages that no tensor has", at: position)
            }
            let start = position + 8
            guard let count: Int64 = bytes.number(at: position), count >= 0, start <= bytes.count,
                count <= (bytes.count - start) / kind.bytes
            else { throw .truncated(expected: start, found: bytes.count) }
            places[key] = (start, Int(count) * kind.bytes)
            position = start + Int(count) * kind.bytes
        }
        return (object.value, object.heap)
    }
}
