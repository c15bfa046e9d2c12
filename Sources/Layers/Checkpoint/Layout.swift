/// Where the elements of a tensor lie in a block of numbers: row-major, or any view of it.
///
/// Extents and strides are not negative, and no product of extents overflows; whoever makes one has checked that.
struct Layout: Equatable, Sendable {
    private(set) var shape: [Int]
    /// Distances in elements along every axis.
    private(set) var strides: [Int]
    /// The first element.
    private(set) var offset: Int

    init(shape: [Int], strides: [Int], offset: Int = 0) {
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }

    /// Contiguous and in row-major order.
    init(_ shape: [Int]) {
        var stride = 1
        let strides = shape.reversed().map { extent in
            defer { stride *= max(extent, 1) }
            return stride
        }
        self.init(shape: shape, strides: strides.reversed())
    }

    var count: Int { shape.reduce(1, *) }

    /// Whether the elements follow each other in row-major order.
    var isContiguous: Bool {
        let ordered = Layout(shape).strides
        return count == 0 || zip(shape, zip(strides, ordered)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }

    /// The axes in another order: axis `i` of the result is axis `axes[i]`; nil unless every axis is there once.
    func permuted(_ axes: [Int]) -> Layout? {
        guard axes.sorted() == Array(shape.indices) else { return nil }
        return Layout(shape: axes.map { shape[$0] }, strides: axes.map { strides[$0] }, offset: offset)
    }

    /// Without `axes`, which have one element each; nil when they do not.
    func squeezed(_ axes: [Int]) -> Layout? {
        guard axes.allSatisfy({ shape.indices.contains($0) && shape[$0] == 1 }) else { return nil }
        let kept = shape.indices.filter { !axes.contains($0) }
        return Layout(shape: kept.map { shape[$0] }, strides: kept.map { strides[$0] }, offset: offset)
    }

    /// With new axes of one element that stand at `axes` in the result; nil when the result has no such places.
    func expanded(_ axes: [Int]) -> Layout? {
        var result = self
        for axis in axes.sorted() {
            guard (0...result.shape.count).contains(axis) else { return nil }
            result.shape.insert(1, at: axis)
            result.strides.insert(0, at: axis)
        }
        return result
    }

    /// The `index`-th of `parts` equal pieces of the outermost axis; nil when it cannot be cut so.
    func part(_ index: Int, of parts: Int) -> Layout? {
        guard let extent = shape.first, extent.isMultiple(of: parts) else { return nil }
        var result = self
        result.shape[0] = extent / parts
        result.offset += index * result.shape[0] * strides[0]
        return result
    }

    /// The `index`-th element along the outermost axis, without that axis.
    func row(_ index: Int) -> Layout {
        Layout(
            shape: Array(shape.dropFirst()), strides: Array(strides.dropFirst()), offset: offset + index * strides[0])
    }

    /// Calls `body` for every row of the last axis: its number, its first element, its stride and its length.
    func forEachRow(_ body: (_ row: Int, _ element: Int, _ stride: Int, _ length: Int) -> Void) {
        guard !isContiguous, let length = shape.last, let stride = strides.last else {
            return body(0, offset, 1, count)
        }
        var position = [Int](repeating: 0, count: shape.count - 1)
        var element = offset
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
}
