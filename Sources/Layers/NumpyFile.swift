public import BinderyTensors
public import Foundation

/// An array in NumPy's `.npy` format, mapped from its file: numbers are read when they are asked for.
///
/// Versions 1 to 3 of the format, little-endian numbers, C and Fortran order (NumPy enhancement proposal 1).
public struct NumpyFile: Sendable {
    /// The extent of every axis, outermost first; empty for a single number.
    public let shape: [Int]
    /// How the numbers are stored.
    public let dtype: Checkpoint.DType
    private let stored: StoredTensor

    /// Opens `url`; throws when it is not an array that fits its file.
    public init(contentsOf url: URL) throws(NumpyError) {
        let file: MappedFile
        do { file = try MappedFile(url) } catch { throw NumpyError(error.path, .file(error.problems)) }
        let header: NumpyHeader
        do { header = try NumpyHeader(file.bytes) } catch { throw NumpyError(file.path, error) }
        shape = header.shape
        dtype = header.dtype
        let layout = header.strides.map { Layout(shape: header.shape, strides: $0) } ?? Layout(header.shape)
        stored = StoredTensor(file: file, start: header.end, dtype: header.dtype, layout: layout)
    }

    /// How many rows the array has along its first axis; 0 for a single number.
    public var rows: Int { shape.first ?? 0 }

    /// All numbers as floats.
    public func tensor() -> Tensor { stored.tensor() }

    /// All numbers as integers, in row-major order; throws when they are stored as floats.
    public func integers() throws(NumpyError) -> [Int] {
        guard !dtype.isFloatingPoint else { throw NumpyError(path, .notIntegers(dtype)) }
        return stored.integers()
    }

    /// Row `index` along the first axis, of the shape that remains without it; throws when there is no such row.
    public func row(_ index: Int) throws(NumpyError) -> Tensor {
        guard rows > index, index >= 0 else { throw NumpyError(path, .row(index, of: rows)) }
        var row = stored
        row.layout = stored.layout.row(index)
        return row.tensor()
    }

    /// Calls `body` with the bits of all numbers as they lie in the file; nil unless they are of half precision and in
    /// row-major order.
    package func readHalves<R>(_ body: (UnsafePointer<UInt16>) -> R) -> R? {
        guard dtype == .f16, stored.layout.isContiguous, stored.layout.count > 0 else { return nil }
        return withExtendedLifetime(stored.file) {
            guard let base = stored.file.bytes.baseAddress else { return nil }
            let first = base + stored.start + stored.layout.offset * dtype.bytes
            guard Int(bitPattern: first).isMultiple(of: MemoryLayout<UInt16>.alignment) else { return nil }
            return body(first.assumingMemoryBound(to: UInt16.self))
        }
    }

    private var path: String { stored.file.path }
}

extension NumpyFile {
    /// Writes `tensor` as float32 to `url`, where it appears whole or not at all.
    public static func write(_ tensor: Tensor, to url: URL) throws {
        try write(shape: tensor.shape, to: url) { append in try append(tensor) }
    }

    /// Writes a float32 array of the given shape to `url`, where it appears whole or not at all, from the numbers that
    /// `body` appends in row-major order; rethrows what `body` throws, and then leaves no file.
    ///
    /// Traps unless the numbers fill the shape exactly.
    public static func write(
        shape: [Int], to url: URL, _ body: (_ append: (Tensor) throws -> Void) throws -> Void
    ) throws {
        var failure: (any Error)?
        do {
            try AtomicFile.save(to: url) { file throws(AtomicFile.Failure) in
                var written = 0
                do {
                    try NumpyHeader.bytes(shape: shape).withUnsafeBytes { try file.append($0) }
                    try body { rows in
                        written += rows.count
                        try rows.read { try file.append(UnsafeRawBufferPointer($0)) }
                    }
                } catch {
                    failure = error
                    throw error as? AtomicFile.Failure ?? AtomicFile.Failure(reason: "\(error)")
                }
                precondition(written == shape.product, "NumpyFile: \(written) numbers for shape \(shape)")
            }
        } catch {
            if let failure, !(failure is AtomicFile.Failure) { throw failure }
            throw NumpyError(url.path(percentEncoded: false), .file([.unwritable(error.reason)]))
        }
    }
}
