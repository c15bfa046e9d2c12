/// The safetensors container: eight bytes of header length, a JSON header, then the numbers.
enum Safetensors {
    /// The longest header that is read, as in the reference implementation.
    static let longestHeader = 100_000_000

    /// Checks the whole header against the file's length and reads no numbers.
    static func read(_ file: MappedFile) throws(CheckpointError) -> Checkpoint {
        let bytes = file.bytes
        guard let claimed = bytes.number(at: 0, as: UInt64.self) else {
            throw CheckpointError(file.path, .truncated(expected: 8, found: bytes.count))
        }
        guard claimed <= longestHeader else {
            throw CheckpointError(file.path, .headerTooLong(bytes: claimed, limit: longestHeader))
        }
        guard let text = bytes.part(at: 8, length: Int(claimed)) else {
            throw CheckpointError(file.path, .truncated(expected: 8 + Int(claimed), found: bytes.count))
        }
        let header: SafetensorsHeader
        do {
            header = try SafetensorsHeader(text)
        } catch {
            throw CheckpointError(file.path, .header(expected: error.expected, at: 8 + error.position))
        }

        let dataStart = 8 + text.count
        var problems = header.duplicates.map { CheckpointError.Problem.duplicate(tensor: $0) }
        var stored: [String: StoredTensor] = [:]
        stored.reserveCapacity(header.records.count)
        for record in header.records {
            do {
                let dtype = try record.check(available: bytes.count - dataStart)
                stored[record.name] = StoredTensor(
                    file: file, start: dataStart + record.begin, dtype: dtype, layout: Layout(record.shape))
            } catch {
                problems.append(error)
            }
        }
        if problems.isEmpty { problems = gaps(in: header.records, available: bytes.count - dataStart) }
        guard problems.isEmpty else { throw CheckpointError(file.path, problems) }
        return Checkpoint(path: file.path, metadata: header.metadata, stored: stored)
    }

    /// The tensors must fill the data without overlaps and without holes, so that no byte of the file is unaccounted.
    private static func gaps(in records: [SafetensorsHeader.Record], available: Int) -> [CheckpointError.Problem] {
        var problems: [CheckpointError.Problem] = []
        var end = 0
        var last = ""
        for record in records.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            if record.begin > end { problems.append(.hole(begin: end, end: record.begin)) }
            if record.begin < end { problems.append(.overlap(tensor: record.name, with: last)) }
            if record.end >= end { (end, last) = (record.end, record.name) }
        }
        if end < available { problems.append(.hole(begin: end, end: available)) }
        return problems
    }
}

extension SafetensorsHeader.Record {
    /// The number type, when type, shape and offsets agree with each other and with the data that there is.
    fileprivate func check(available: Int) throws(CheckpointError.Problem) -> Checkpoint.DType {
        guard let dtype = Checkpoint.DType(rawValue: type) else { throw .unknownType(tensor: name, type: type) }
        guard shape.count <= 64, let size = StoredTensor.size(of: shape, dtype) else {
            throw .tooLarge(tensor: name, shape: shape)
        }
        guard begin <= end, end <= available else {
            throw .outOfRange(tensor: name, begin: begin, end: end, available: available)
        }
        guard size.bytes == end - begin else {
            throw .wrongLength(tensor: name, shape: shape, type: dtype, bytes: end - begin)
        }
        return dtype
    }
}

extension CheckpointError.Problem: Error {}
