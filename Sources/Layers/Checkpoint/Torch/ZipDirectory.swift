internal import CZlib

/// The list of contents at the end of a zip archive, with its 64-bit extension; nothing is ever unpacked to disk.
struct ZipDirectory {
    struct Entry {
        let name: String
        /// Where the bytes begin in the archive.
        let offset: Int
        let length: Int
        /// How many bytes they are without their compression; nil when they are stored as they are.
        let inflated: Int?
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var entries: [String: Entry] = [:]

    /// The most that is ever inflated: only the pickle may be compressed, numbers may not.
    static let longestInflated = 1 << 26

    init(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Problem) {
        self.bytes = bytes
        let (count, length, offset) = try ZipDirectory.end(of: bytes)
        // Every record has at least 46 bytes, so a count that the bytes do not hold is refused before any work.
        guard let records = bytes.part(at: offset, length: length), count <= length / 46 else {
            throw .archive("claims a directory that does not lie inside")
        }
        var position = 0
        for _ in 0..<count {
            let (entry, next) = try record(in: records, at: position)
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw .archive("has two entries '\(entry.name)'")
            }
            position = next
        }
    }

    /// The bytes of an entry that is stored as it is.
    func stored(_ entry: Entry) -> UnsafeRawBufferPointer? {
        entry.inflated == nil ? bytes.part(at: entry.offset, length: entry.length) : nil
    }

    /// The bytes of any small entry, inflated where needed.
    func contents(of entry: Entry) throws(CheckpointError.Problem) -> [UInt8] {
        guard let compressed = bytes.part(at: entry.offset, length: entry.length) else {
            throw .archive("cuts '\(entry.name)' short")
        }
        guard max(entry.inflated ?? 0, entry.length) <= ZipDirectory.longestInflated else {
            throw .archive("claims \(entry.inflated ?? entry.length) bytes for '\(entry.name)'")
        }
        guard let inflated = entry.inflated else { return Array(compressed) }
        var found = -1
        let result = [UInt8](unsafeUninitializedCapacity: inflated) { target, count in
            found = inflate(compressed, into: target)
            count = max(found, 0)
        }
        guard found == inflated else { throw .archive("does not hold the \(inflated) bytes of '\(entry.name)'") }
        return result
    }

    /// Finds the end record (at most a comment of 65 535 bytes behind it): entries, directory length, offset.
    private static func end(
        of bytes: UnsafeRawBufferPointer
    ) throws(CheckpointError.Problem) -> (count: Int, length: Int, offset: Int) {
        var position = bytes.count - 22
        let first = max(position - 65_535, 0)
        while position >= first, bytes.number(at: position, as: UInt32.self) != 0x0605_4B50 { position -= 1 }
        guard position >= first, position >= 0, let count: UInt16 = bytes.number(at: position + 10),
            let length: UInt32 = bytes.number(at: position + 12), let offset: UInt32 = bytes.number(at: position + 16)
        else { throw .archive("has no directory") }
        guard count == .max || length == .max || offset == .max,
            bytes.number(at: position - 20, as: UInt32.self) == 0x0706_4B50
        else { return (Int(count), Int(length), Int(offset)) }

        guard let far: UInt64 = bytes.number(at: position - 12), let place = Int(exactly: far),
            bytes.number(at: place, as: UInt32.self) == 0x0606_4B50,
            place <= bytes.count - 56, let count: UInt64 = bytes.number(at: place + 32),
            let length: UInt64 = bytes.number(at: place + 40), let offset: UInt64 = bytes.number(at: place + 48)
        else { throw .archive("has a damaged 64-bit directory") }
        return (Int(clamping: count), Int(clamping: length), Int(clamping: offset))
    }

    private func record(
        in records: UnsafeRawBufferPointer, at position: Int
    ) throws(CheckpointError.Problem) -> (Entry, next: Int) {
        guard records.number(at: position, as: UInt32.self) == 0x0201_4B50,
            let flags: UInt16 = records.number(at: position + 8),
            let method: UInt16 = records.number(at: position + 10),
            let length: UInt32 = records.number(at: position + 20),
            let inflated: UInt32 = records.number(at: position + 24),
            let nameLength: UInt16 = records.number(at: position + 28),
            let extraLength: UInt16 = records.number(at: position + 30),
            let commentLength: UInt16 = records.number(at: position + 32),
            let offset: UInt32 = records.number(at: position + 42),
            let nameBytes = records.part(at: position + 46, length: Int(nameLength)),
            let extra = records.part(at: position + 46 + Int(nameLength), length: Int(extraLength))
        else { throw .archive("has a damaged directory") }
        let name = String(decoding: nameBytes, as: UTF8.self)
        guard !name.hasPrefix("/"), !name.contains("\\"), !name.split(separator: "/").contains("..") else {
            throw .archive("has an entry '\(name)' that points outside")
        }
        guard flags & 1 == 0 else { throw .archive("is encrypted") }
        guard method == 0 || method == 8 else { throw .archive("compresses '\(name)' in an unknown way") }

        // Fields that overflow 32 bits stand in the extra field 0x0001, in this order, only those that do.
        var wide = ZipDirectory.extraField(1, in: extra)
        let sizes = [inflated, length, offset].map { (field: UInt32) -> Int? in
            guard field == .max else { return Int(field) }
            guard let value: UInt64 = wide?.number(at: 0) else { return nil }
            wide = wide?.part(at: 8, length: (wide?.count ?? 8) - 8)
            return Int(exactly: value)
        }
        guard let inflated = sizes[0], let length = sizes[1], let header = sizes[2],
            let start = dataStart(ofHeaderAt: header), bytes.part(at: start, length: length) != nil,
            method == 8 || inflated == length
        else { throw .archive("claims bytes for '\(name)' that do not lie inside") }
        let entry = Entry(name: name, offset: start, length: length, inflated: method == 8 ? inflated : nil)
        return (entry, position + 46 + Int(nameLength) + Int(extraLength) + Int(commentLength))
    }

    /// Where the bytes behind a local header begin; its extra field, padding to align them, differs from the directory's.
    private func dataStart(ofHeaderAt position: Int) -> Int? {
        guard position < bytes.count, bytes.number(at: position, as: UInt32.self) == 0x0403_4B50,
            position <= bytes.count - 30, let nameLength: UInt16 = bytes.number(at: position + 26),
            let extraLength: UInt16 = bytes.number(at: position + 28)
        else { return nil }
        return position + 30 + Int(nameLength) + Int(extraLength)
    }

    private static func extraField(_ kind: UInt16, in extra: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var position = 0
        while let found: UInt16 = extra.number(at: position), let length: UInt16 = extra.number(at: position + 2) {
            if found == kind { return extra.part(at: position + 4, length: Int(length)) }
            position += 4 + Int(length)
        }
        return nil
    }

    /// Inflates raw deflate data; the number of bytes written, or -1 when it is damaged or longer than `target`.
    private func inflate(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var stream = z_stream()
        let version = zlibVersion()
        guard inflateInit2_(&stream, -15, version, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return -1 }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END ? target.count - Int(stream.avail_out) : -1
    }
}
