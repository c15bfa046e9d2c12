internal import BinderyTensors
internal import CKernels

/// Numbers inside a mapped file: what a name stands for until somebody reads it.
///
/// Whoever makes one has checked that every element lies inside the file.
struct StoredTensor: Sendable {
    let file: MappedFile
    /// Where the block of numbers begins that the layout speaks of, in bytes of the file.
    let start: Int
    let dtype: Checkpoint.DType
    var layout: Layout

    /// The elements as floats: the file's own memory when it holds exactly that, a converted copy otherwise.
    func tensor() -> Tensor {
        let shape = layout.shape
        guard layout.count > 0, let base = file.bytes.baseAddress else { return Tensor([], shape) }
        let first = base + start + layout.offset * dtype.bytes
        let isAligned = Int(bitPattern: first).isMultiple(of: MemoryLayout<Float>.alignment)
        guard dtype == .f32, isAligned, layout.isContiguous else {
            return Tensor(shape: shape) { Layout.copy(base + start, dtype, layout, into: $0) }
        }
        let floats = first.assumingMemoryBound(to: Float.self)
        return Tensor(storage: Storage(borrowing: floats, count: layout.count, owner: file), shape: shape)
    }

    /// The elements as integers, for the types that hold integers.
    func integers() -> [Int] {
        guard layout.count > 0, let base = file.bytes.baseAddress else { return [] }
        var result: [Int] = []
        result.reserveCapacity(layout.count)
        layout.forEachRow { _, element, stride, length in
            let first = base + start + element * dtype.bytes
            for index in 0..<length {
                result.append(dtype.integer(at: first + index * stride * dtype.bytes))
            }
        }
        return result
    }

    /// The number of elements of `shape` and of the bytes they fill, or nil when either overflows.
    ///
    /// Axes of length 0 count as 1, so that no product of any of the axes overflows later.
    static func size(of shape: [Int], _ dtype: Checkpoint.DType) -> (elements: Int, bytes: Int)? {
        var bytes = dtype.bytes
        for extent in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: max(extent, 1))
            guard extent >= 0, !overflow else { return nil }
            bytes = product
        }
        return shape.contains(0) ? (0, 0) : (bytes / dtype.bytes, bytes)
    }
}

extension Layout {
    /// Copies the elements of `layout` in the block at `source`, as floats, in order, to `target`.
    static func copy(
        _ source: UnsafeRawPointer, _ dtype: Checkpoint.DType, _ layout: Layout,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        guard let floats = target.baseAddress, layout.count > 0 else { return }
        guard layout.isContiguous else {
            return layout.forEachRow { row, element, stride, length in
                ck_to_floats(dtype.kernel, source + element * dtype.bytes, stride, floats + row * length, length)
            }
        }
        // Pages of a cold file are read while others are converted.
        let first = source + layout.offset * dtype.bytes
        Threads.forEach(layout.count, grain: 1 << 18) { part in
            ck_to_floats(
                dtype.kernel, first + part.lowerBound * dtype.bytes, 1, floats + part.lowerBound, part.count)
        }
    }
}

extension Checkpoint.DType {
    /// The integer stored at `pointer`; 0 for floating point.
    fileprivate func integer(at pointer: UnsafeRawPointer) -> Int {
        switch self {
        case .i64: Int(pointer.loadUnaligned(as: Int64.self))
        case .i32: Int(pointer.loadUnaligned(as: Int32.self))
        case .i16: Int(pointer.loadUnaligned(as: Int16.self))
        case .i8: Int(pointer.loadUnaligned(as: Int8.self))
        case .u8: Int(pointer.loadUnaligned(as: UInt8.self))
        case .bool: pointer.loadUnaligned(as: UInt8.self) == 0 ? 0 : 1
        case .f64, .f32, .f16, .bf16: 0
        }
    }
}
