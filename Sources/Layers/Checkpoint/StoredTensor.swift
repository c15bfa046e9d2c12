internal import BinderyTensors
internal import CKernels

/// Numbers inside a mapped file: what a name stands for until somebody reads it.
///
/// Whoever makes one has checked that every element lies inside the file.
struct StoredTensor: Sendable {
    let file: MappedFile
    /// Where the first element begins, in bytes of the file.
    let offset: Int
    let dtype: Checkpoint.DType
    let shape: [Int]
    /// Distances in elements along every axis; nil when the elements are contiguous in row-major order.
    var strides: [Int]?

    var count: Int { shape.product }

    /// The elements as floats: the file's own memory when it holds exactly that, a converted copy otherwise.
    func tensor() -> Tensor {
        guard count > 0, let base = file.bytes.baseAddress else { return Tensor([], shape) }
        let start = base + offset
        guard strides == nil, dtype == .f32, Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 else {
            return Tensor(shape: shape) { convert(from: start, into: $0) }
        }
        let floats = start.assumingMemoryBound(to: Float.self)
        return Tensor(storage: Storage(borrowing: floats, count: count, owner: file), shape: shape)
    }

    private func convert(from start: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Float>) {
        guard let floats = target.baseAddress else { return }
        nonisolated(unsafe) let (start, floats_) = (start, floats)
        guard strides != nil else {
            Threads.forEach(count, grain: 1 << 18) { part in
                ck_to_floats(
                    dtype.kernel, start + part.lowerBound * dtype.bytes, 1, floats_ + part.lowerBound, part.count)
            }
            return
        }
        forEachRow { row, element, stride, length in
            ck_to_floats(dtype.kernel, start + element * dtype.bytes, stride, floats_ + row * length, length)
        }
    }

    /// The elements as integers, for the types that hold integers.
    func integers() -> [Int] {
        guard count > 0, let base = file.bytes.baseAddress else { return [] }
        var result: [Int] = []
        result.reserveCapacity(count)
        forEachRow { _, element, stride, length in
            let start = base + offset + element * dtype.bytes
            for index in 0..<length {
                result.append(dtype.integer(at: start + index * stride * dtype.bytes))
            }
        }
        return result
    }

    /// Calls `body` for every row of the last axis: its number, its first element, its stride and its length.
    private func forEachRow(_ body: (_ row: Int, _ element: Int, _ stride: Int, _ length: Int) -> Void) {
        guard let strides, let length = shape.last, let stride = strides.last else { return body(0, 0, 1, count) }
        var position = [Int](repeating: 0, count: shape.count - 1)
        var element = 0
        for row in 0..<count / length {
            body(row, element, stride, length)
            for axis in position.indices.reversed() {
                position[axis] += 1
                element += strides[axis]
                guard position[axis] == shape[axis] else { break }
                element -= strides[axis] * shape[axis]
                position[axis] = 0
            }
        }
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
