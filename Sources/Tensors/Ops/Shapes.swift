internal import CKernels

extension Tensor {
    /// The same elements in another shape.
    ///
    /// One extent may be -1, which is then computed. Traps unless the counts agree.
    public func reshaped(_ target: [Int]) -> Tensor {
        guard target != shape else { return self }
        var wanted = target
        if let free = target.firstIndex(of: -1) {
            wanted[free] = 1
            let rest = wanted.product
            precondition(rest > 0 && count % rest == 0, "reshaped: \(shape) to \(target)")
            wanted[free] = count / rest
        }
        precondition(
            wanted.allSatisfy { $0 >= 0 } && wanted.product == count, "reshaped: \(shape) (\(count)) to \(target)")
        let shape = shape
        // dx = g in the old shape
        return .operation(Tensor(storage: storage, offset: offset, shape: wanted), from: self) { $0.reshaped(shape) }
    }

    /// The same elements in another shape.
    public func reshaped(_ target: Int...) -> Tensor { reshaped(target) }

    /// The axes in another order: axis i of the result is axis `order[i]` of this.
    public func permuted(_ order: [Int]) -> Tensor {
        let order = order.map { axis($0, "permuted") }
        precondition(
            order.count == rank && Set(order).count == rank,
            "permuted: \(order) for shape \(shape), expected each axis once")
        var inverse = order
        for (position, axis) in order.enumerated() { inverse[axis] = position }
        // dx = g with the axes put back
        return .operation(rearranged(order), from: self) { [inverse] in $0.rearranged(inverse) }
    }

    /// The axes in another order: axis i of the result is axis `order[i]` of this.
    public func permuted(_ order: Int...) -> Tensor { permuted(order) }

    /// Two axes exchanged, the last two unless told.
    public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
        var order = Array(0..<rank)
        order.swapAt(axis(first, "transposed"), axis(second, "transposed"))
        return permuted(order)
    }

    private func rearranged(_ order: [Int]) -> Tensor {
        let strides = Tensor.strides(shape)
        let target = order.map { shape[$0] }
        return .make(target, from: self) {
            ck_copy(target, target.count, $1, order.map { strides[$0] }, $0, Tensor.strides(target))
        }
    }

    /// The elements repeated to a shape they broadcast to.
    public func broadcast(to target: [Int]) -> Tensor {
        guard target != shape else { return self }
        precondition(Tensor.broadcast(shape, target) == target, "broadcast: \(shape) to \(target)")
        let shape = shape
        let strides = Tensor.strides(shape, in: target)
        let y = Tensor.make(target, from: self) {
            ck_copy(target, target.count, $1, strides, $0, Tensor.strides(target))
        }
        // dx = Σ g over the repeated axes
        return .operation(y, from: self) { $0.summed(to: shape) }
    }

    /// The positions `range` of one axis.
    ///
    /// Along the first axis nothing is copied.
    public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = self.axis(axis, "slice")
        precondition(
            range.lowerBound >= 0 && range.upperBound <= shape[axis], "slice: \(range) of axis \(axis), shape \(shape)")
        guard range.count != shape[axis] else { return self }
        let (outer, inner) = around(axis)
        var target = shape
        target[axis] = range.count
        let y: Tensor
        if outer == 1 {
            y = Tensor(storage: storage, offset: offset + range.lowerBound * inner, shape: target)
        } else {
            y = .make(target) { place(axis, range, into: $0, target: target, at: 0) }
        }
        let extent = shape[axis]
        // dx = g in its place, 0 elsewhere
        return .operation(y, from: self) { g in
            var padding = [(Int, Int)](repeating: (0, 0), count: g.rank)
            padding[axis] = (range.lowerBound, extent - range.upperBound)
            return g.padded(padding)
        }
    }

    /// Zeros, or `value`, put before and after each axis: one pair per axis.
    public func padded(_ padding: [(before: Int, after: Int)], with value: Float = 0) -> Tensor {
        precondition(
            padding.count == rank && padding.allSatisfy { $0.before >= 0 && $0.after >= 0 },
            "padded: \(padding) for shape \(shape), expected one pair of counts per axis")
        guard padding.contains(where: { $0.before + $0.after > 0 }) else { return self }
        let target = zip(shape, padding).map { $0 + $1.before + $1.after }
        let strides = Tensor.strides(target)
        let start = zip(strides, padding).reduce(0) { $0 + $1.0 * $1.1.before }
        let y = Tensor.make(target, from: self) {
            ck_fill($0, value, target.product)
            ck_copy(shape, rank, $1, Tensor.strides(shape), $0 + start, strides)
        }
        let inside = zip(shape, padding).map { $1.before..<$1.before + $0 }
        // dx = g without the border
        return .operation(y, from: self) { g in
            inside.enumerated().reduce(g) { $0.slice(axis: $1.offset, $1.element) }
        }
    }

    /// Tensors joined along one axis; all other extents must agree.
    public static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
        guard let first = tensors.first else { preconditionFailure("concatenated: no tensors") }
        guard tensors.count > 1 else { return first }
        let axis = first.axis(axis, "concatenated")
        var target = first.shape
        target[axis] = 0
        for tensor in tensors {
            precondition(
                tensor.rank == first.rank
                    && tensor.shape.indices.allSatisfy { $0 == axis || tensor.shape[$0] == first.shape[$0] },
                "concatenated: shapes \(first.shape) and \(tensor.shape) along axis \(axis)")
            target[axis] += tensor.shape[axis]
        }
        let extents = tensors.map { $0.shape[axis] }
        let y = Tensor.make(target) { result in
            var at = 0
            for tensor in tensors {
                tensor.place(axis, 0..<tensor.shape[axis], into: result, target: target, at: at)
                at += tensor.shape[axis]
            }
        }
        let wanted = tensors.map(\.isTracked)
        // dxᵢ = the part of g where xᵢ went
        return .operation(y, from: tensors) { g in
            var end = 0
            return zip(extents, wanted).map { extent, wanted in
                end += extent
                return wanted ? g.slice(axis: axis, end - extent..<end) : nil
            }
        }
    }

    /// Tensors of one shape put side by side along a new axis.
    public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        guard let first = tensors.first else { preconditionFailure("stacked: no tensors") }
        let place = axis < 0 ? axis + first.rank + 1 : axis
        precondition((0...first.rank).contains(place), "stacked: axis \(axis) for shape \(first.shape)")
        var shape = first.shape
        shape.insert(1, at: place)
        return concatenated(tensors.map { $0.reshaped(shape) }, axis: place)
    }

    /// Consecutive parts of one axis with the given extents, which must add up to it.
    public func split(axis: Int, _ extents: [Int]) -> [Tensor] {
        let axis = self.axis(axis, "split")
        precondition(
            extents.reduce(0, +) == shape[axis] && extents.allSatisfy { $0 >= 0 },
            "split: \(extents) of axis \(axis), shape \(shape)")
        var start = 0
        return extents.map { extent in
            defer { start += extent }
            return slice(axis: axis, start..<start + extent)
        }
    }

    /// One axis cut into `parts` equal parts.
    public func split(axis: Int, into parts: Int) -> [Tensor] {
        let extent = shape[self.axis(axis, "split")]
        precondition(parts > 0 && extent % parts == 0, "split: \(extent) positions into \(parts) parts")
        return split(axis: axis, Array(repeating: extent / parts, count: parts))
    }

    /// The order along one axis reversed.
    public func flipped(axis: Int) -> Tensor {
        let axis = self.axis(axis, "flipped")
        let shape = shape
        let strides = Tensor.strides(shape)
        var backward = strides
        backward[axis] = -strides[axis]
        let last = strides[axis] * Swift.max(shape[axis] - 1, 0)
        let y = Tensor.make(shape, from: self) { ck_copy(shape, shape.count, $1 + last, backward, $0, strides) }
        // dx = g flipped back
        return .operation(y, from: self) { $0.flipped(axis: axis) }
    }

    /// The elements moved `shift` places along one axis, those that leave at the end entering at the start.
    public func rolled(axis: Int, by shift: Int) -> Tensor {
        let axis = self.axis(axis, "rolled")
        let extent = shape[axis]
        guard extent > 0 else { return self }
        let shift = (shift % extent + extent) % extent
        guard shift > 0 else { return self }
        let y = Tensor.make(shape) {
            place(axis, 0..<extent - shift, into: $0, target: shape, at: shift)
            place(axis, extent - shift..<extent, into: $0, target: shape, at: 0)
        }
        // dx = g moved back
        return .operation(y, from: self) { $0.rolled(axis: axis, by: -shift) }
    }
}

extension Tensor {
    static func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    /// The strides of an array of `shape` seen as one of `target`, to which it broadcasts: 0 where it repeats.
    static func strides(_ shape: [Int], in target: [Int]) -> [Int] {
        let missing = target.count - shape.count
        let own = strides(shape)
        return target.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : own[$0 - missing] }
    }

    /// Where the matrix (the last two axes) of every entry of a batch starts, the axes before broadcasting to `batch`.
    func starts(batch: [Int]) -> [Int] {
        let size = shape.suffix(2).reduce(1, *)
        let strides = Tensor.strides(Array(shape.dropLast(2)), in: batch)
        return (0..<batch.product).map { entry in
            var (rest, start) = (entry, 0)
            for axis in batch.indices.reversed() {
                start += rest % batch[axis] * strides[axis]
                rest /= batch[axis]
            }
            return start * size
        }
    }

    /// How many blocks there are before an axis and how many elements one position along it spans.
    func around(_ axis: Int) -> (outer: Int, inner: Int) {
        (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
    }

    /// Copies positions `range` of `axis` to position `at` of that axis in an array of shape `target`.
    private func place(
        _ axis: Int, _ range: Range<Int>, into result: UnsafeMutablePointer<Float>, target: [Int], at start: Int
    ) {
        let (outer, inner) = around(axis)
        withExtendedLifetime(storage) {
            ck_copy(
                [outer, range.count * inner], 2, pointer + range.lowerBound * inner, [shape[axis] * inner, 1],
                result + start * inner, [target[axis] * inner, 1])
        }
    }
}
