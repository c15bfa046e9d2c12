import BinderyTensors

/// What precedes the numbers of a `.npy` file: their type, order and shape.
struct NumpyHeader {
    let dtype: Checkpoint.DType
    let shape: [Int]
    /// Distances in elements along every axis when they are in Fortran order.
    let strides: [Int]?
    /// Where the numbers begin, in bytes of the file.
    let end: Int

    /// More axes and longer headers than any array has.
    private static let limits = (axes: 32, bytes: 1 << 16)

    /// Reads the header and checks that the numbers fill the rest of the file exactly.
    init(_ file: UnsafeRawBufferPointer) throws(NumpyError.Problem) {
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
        guard file.starts(with: magic), file.count >= 10 else { throw .notNumpy }
        let length: Int?
        let start: Int
        switch file[6] {
        case 1: (length, start) = (file.number(at: 8, as: UInt16.self).map(Int.init), 10)
        case 2, 3: (length, start) = (file.number(at: 8, as: UInt32.self).map(Int.init), 12)
        default: throw .version(Int(file[6]))
        }
        guard let length, length <= Self.limits.bytes, let text = file.part(at: start, length: length) else {
            throw .header("its length does not fit the file")
        }
        var scanner = PythonLiteral(bytes: text)
        let entries: [String: PythonLiteral.Value]
        do { entries = try scanner.map() } catch { throw .header("no \(error.expected) at byte \(start + error.at)") }
        guard case .text(let type) = entries["descr"] else { throw .type("record") }
        guard case .bool(let isFortran) = entries["fortran_order"] else { throw .header("no fortran_order") }
        guard case .tuple(let shape) = entries["shape"] else { throw .header("no shape") }
        guard let dtype = Self.types[type] else { throw .type(type) }
        guard shape.count <= Self.limits.axes, let bytes = Self.bytes(shape, each: dtype.bytes) else {
            throw .shape(shape)
        }
        self.dtype = dtype
        self.shape = shape
        end = start + length
        guard bytes == file.count - end else { throw .length(expected: bytes, found: file.count - end) }
        strides = isFortran && shape.count > 1 ? shape.indices.map { shape[..<$0].reduce(1, *) } : nil
    }

    private static let types: [String: Checkpoint.DType] = [
        "<f8": .f64, "<f4": .f32, "<f2": .f16, "<i8": .i64, "<i4": .i32, "<i2": .i16, "|i1": .i8, "|u1": .u8,
        "|b1": .bool,
    ]

    /// The bytes of all elements, nil when an extent is negative or the product overflows.
    ///
    /// Empty arrays are held to the same bound without their empty axes, so that strides cannot overflow either.
    private static func bytes(_ shape: [Int], each: Int) -> Int? {
        var bound = each
        for extent in shape {
            let (next, overflow) = bound.multipliedReportingOverflow(by: max(extent, 1))
            guard extent >= 0, !overflow else { return nil }
            bound = next
        }
        return shape.contains(0) ? 0 : bound
    }

    /// The header of a float32 array in C order, padded so that the numbers begin at a multiple of 64.
    static func bytes(shape: [Int]) -> [UInt8] {
        let extents = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
        // Room for the first axis to grow in place, as NumPy leaves it, then the line feed that ends the header.
        let used = 10 + text.utf8.count + (shape.first.map { 21 - String($0).utf8.count } ?? 0) + 1
        let total = (used + 63) / 64 * 64
        let padding = String(repeating: " ", count: total - 10 - text.utf8.count - 1)
        let length = withUnsafeBytes(of: UInt16(total - 10).littleEndian, Array.init)
        return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0] + length + Array((text + padding + "\n").utf8)
    }
}

/// The few Python literals that `.npy` headers are made of.
private struct PythonLiteral {
    enum Value {
        case text(String)
        case bool(Bool)
        case tuple([Int])
    }

    struct Failure: Error {
        let expected: String
        let at: Int
    }

    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// `{'key': value, …}` and nothing but blanks behind it.
    mutating func map() throws(Failure) -> [String: Value] {
        var entries: [String: Value] = [:]
        try expect("{")
        while !take("}") {
            let key = try text()
            try expect(":")
            let value = try value()
            guard entries.updateValue(value, forKey: key) == nil else { throw failure("new key") }
            guard take(",") else {
                try expect("}")
                break
            }
        }
        skipBlanks()
        guard position == bytes.count else { throw failure("end") }
        return entries
    }

    private mutating func value() throws(Failure) -> Value {
        if take("True") { return .bool(true) }
        if take("False") { return .bool(false) }
        guard take("(") else { return .text(try text()) }
        var extents: [Int] = []
        while !take(")") {
            extents.append(try integer())
            guard take(",") else {
                try expect(")")
                break
            }
        }
        return .tuple(extents)
    }

    private mutating func text() throws(Failure) -> String {
        let quote: UInt8 = take("\"") ? 0x22 : 0x27
        if quote == 0x27 { try expect("'") }
        guard let length = bytes[position...].firstIndex(of: quote).map({ $0 - position }) else {
            throw failure("closing quote")
        }
        defer { position += length + 1 }
        return String(decoding: bytes[position..<position + length], as: UTF8.self)
    }

    /// A number without a sign; Python 2 wrote some with an L behind.
    private mutating func integer() throws(Failure) -> Int {
        skipBlanks()
        let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw failure("number") }
        position += digits.count
        _ = take("L")
        return number
    }

    private mutating func take(_ word: StaticString) -> Bool {
        skipBlanks()
        let found = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if found { position += word.utf8CodeUnitCount }
        return found
    }

    private mutating func expect(_ word: StaticString) throws(Failure) {
        guard take(word) else { throw failure("\(word)") }
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private func failure(_ expected: String) -> Failure { Failure(expected: expected, at: position) }
}
