internal import CKernels

// Shapes broadcast as in NumPy: aligned at the last axis, where missing axes and axes of extent 1 repeat. A gradient
// is summed over the axes that were repeated.
extension Tensor {
    /// The sum, element by element; shapes broadcast.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        let (aShape, bShape) = (a.shape, b.shape)
        // d(a + b) = da + db
        return .operation(
            combine(a, ck_add, b, "+"), (a, { $0.summed(to: aShape) }), (b, { $0.summed(to: bShape) }))
    }

    /// The difference, element by element; shapes broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        let (aShape, bShape) = (a.shape, b.shape)
        // d(a - b) = da - db
        return .operation(
            combine(a, ck_subtract, b, "-"), (a, { $0.summed(to: aShape) }), (b, { -$0.summed(to: bShape) }))
    }

    /// The product, element by element; shapes broadcast.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let y = combine(a, ck_multiply, b, "*")
        let (x, z) = (a.detached(), b.detached())
        let (xShape, zShape) = (a.shape, b.shape)
        // d(a b) = b da + a db
        return .operation(y, (a, { ($0 * z).summed(to: xShape) }), (b, { ($0 * x).summed(to: zShape) }))
    }

    /// The quotient, element by element; shapes broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let y = combine(a, ck_divide, b, "/")
        let divisor = b.detached()
        let aShape = a.shape
        // d(a / b) = da / b - (a / b) db / b
        return .operation(
            y, (a, { ($0 / divisor).summed(to: aShape) }),
            (b, { -($0 * y / divisor).summed(to: divisor.shape) }))
    }

    /// The greater of each pair; shapes broadcast.
    ///
    /// Where both are equal each gets half the gradient.
    public func maximum(_ other: Tensor) -> Tensor { extremum(ck_maximum, other, "maximum", above: (self, other)) }

    /// The smaller of each pair; shapes broadcast.
    ///
    /// Where both are equal each gets half the gradient.
    public func minimum(_ other: Tensor) -> Tensor { extremum(ck_minimum, other, "minimum", above: (other, self)) }

    private func extremum(
        _ op: ck_binary_op, _ other: Tensor, _ name: StaticString, above: (Tensor, Tensor)
    ) -> Tensor {
        let (aShape, bShape) = (shape, other.shape)
        let (high, low) = (above.0.detached(), above.1.detached())
        // d max(a, b) = [a > b] da + [b > a] db, with [equal] = ½
        return .operation(
            Tensor.combine(self, op, other, name),
            (self, { ($0 * Tensor.combine(high, ck_above, low, name)).summed(to: aShape) }),
            (other, { ($0 * Tensor.combine(low, ck_above, high, name)).summed(to: bShape) }))
    }

    /// Every element brought into `bounds`; the gradient passes where it was inside, bounds included.
    public func clip(_ bounds: ClosedRange<Float>) -> Tensor {
        let x = detached()
        let (low, high) = (Tensor(bounds.lowerBound), Tensor(bounds.upperBound))
        let y = Tensor.combine(Tensor.combine(x, ck_maximum, low, "clip"), ck_minimum, high, "clip")
        // d clip(x) = [low ≤ x ≤ high] dx: [x > y] is ½ exactly where nothing was clipped
        return .operation(y, from: self) { g in
            let above = Tensor.combine(x, ck_above, y, "clip")
            return g * (above * (1 - above)) * 4
        }
    }

    /// The negative of every element.
    public static prefix func - (a: Tensor) -> Tensor {
        // d(-a) = -da
        .operation(a.mapped(ck_unary_negate), from: a) { -$0 }
    }

    /// Every element plus a number.
    public static func + (a: Tensor, b: Float) -> Tensor { a + Tensor(b) }
    /// A number plus every element.
    public static func + (a: Float, b: Tensor) -> Tensor { Tensor(a) + b }
    /// Every element minus a number.
    public static func - (a: Tensor, b: Float) -> Tensor { a - Tensor(b) }
    /// A number minus every element.
    public static func - (a: Float, b: Tensor) -> Tensor { Tensor(a) - b }
    /// Every element times a number.
    public static func * (a: Tensor, b: Float) -> Tensor { a * Tensor(b) }
    /// A number times every element.
    public static func * (a: Float, b: Tensor) -> Tensor { Tensor(a) * b }
    /// Every element divided by a number.
    public static func / (a: Tensor, b: Float) -> Tensor { a / Tensor(b) }
    /// A number divided by every element.
    public static func / (a: Float, b: Tensor) -> Tensor { Tensor(a) / b }
}

extension Tensor {
    private static func combine(_ a: Tensor, _ op: ck_binary_op, _ b: Tensor, _ name: StaticString) -> Tensor {
        guard a.shape != b.shape else {
            let count = [a.count]
            return .make(a.shape, from: a, b) { ck_binary(op, $1, count, 1, $2, count, 1, $0) }
        }
        guard let shape = Tensor.broadcast(a.shape, b.shape) else {
            preconditionFailure("\(name): shapes \(a.shape) and \(b.shape) do not broadcast")
        }
        return .make(shape, from: a, b) { ck_binary(op, $1, a.shape, a.rank, $2, b.shape, b.rank, $0) }
    }

    /// The common shape of two that broadcast, or nil.
    package static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
        var shape = a.count >= b.count ? a : b
        guard shape.count <= ck_most_axes else { return nil }
        for back in (0..<Swift.min(a.count, b.count)).map({ $0 + 1 }) {
            let (x, y) = (a[a.count - back], b[b.count - back])
            guard x == y || x == 1 || y == 1 else { return nil }
            shape[shape.count - back] = x == 1 ? y : x
        }
        return shape
    }

    /// The sum over the axes along which a tensor of `target` was repeated to this shape.
    package func summed(to target: [Int]) -> Tensor {
        guard shape != target else { return self }
        let missing = rank - target.count
        let axes = (0..<rank).filter { $0 < missing || (target[$0 - missing] == 1 && shape[$0] != 1) }
        return sum(axes: axes, keeping: true).reshaped(target)
    }
}
