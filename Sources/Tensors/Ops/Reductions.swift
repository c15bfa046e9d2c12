internal import CKernels

extension Tensor {
    /// The sum over `axes` (negative ones count from the end; all when nil); they stay with extent 1 when `keeping`.
    ///
    /// The order of summation depends on the shape alone. The sum of nothing is 0.
    public func sum(axes: [Int]? = nil, keeping: Bool = false) -> Tensor {
        let plan = Reduction(shape, axes, "sum")
        let total = plan.runs.reversed().reduce(detached()) { $0.reduced($1, ck_sum) }
        let shape = shape
        // dx = g, repeated
        return .operation(total.reshaped(plan.shape(keeping: keeping)), from: self) {
            $0.reshaped(plan.shape(keeping: true)).broadcast(to: shape)
        }
    }

    /// The mean over `axes` (all when nil); NaN over nothing.
    public func mean(axes: [Int]? = nil, keeping: Bool = false) -> Tensor {
        sum(axes: axes, keeping: keeping) * (1 / Float(Reduction(shape, axes, "mean").extent))
    }

    /// The mean squared distance from the mean over `axes` (all when nil), divided by the number of elements or, when
    /// `unbiased`, by one less.
    public func variance(axes: [Int]? = nil, keeping: Bool = false, unbiased: Bool = false) -> Tensor {
        let plan = Reduction(shape, axes, "variance")
        let x = detached()
        let center = x.mean(axes: axes, keeping: true)
        let scale = 1 / Float(plan.extent - (unbiased ? 1 : 0))
        let y = (x - center).square().sum(axes: axes, keeping: keeping) * scale
        // dx = 2 (x - mean) g / n
        return .operation(y, from: self) { $0.reshaped(plan.shape(keeping: true)) * (x - center) * (2 * scale) }
    }

    /// The greatest element over `axes` (all when nil); equal ones share the gradient.
    ///
    /// Traps over nothing.
    public func max(axes: [Int]? = nil, keeping: Bool = false) -> Tensor {
        let plan = Reduction(shape, axes, "max")
        precondition(plan.extent > 0, "max: no elements along the reduced axes of shape \(shape)")
        return plan.runs.reversed().reduce(self) { $0.greatest(along: $1) }.reshaped(plan.shape(keeping: keeping))
    }

    /// The smallest element over `axes` (all when nil); equal ones share the gradient.
    ///
    /// Traps over nothing.
    public func min(axes: [Int]? = nil, keeping: Bool = false) -> Tensor { -(-self).max(axes: axes, keeping: keeping) }

    private func greatest(along run: Reduction.Run) -> Tensor {
        let x = detached()
        let y = x.reduced(run, ck_max)
        // dx = g / ties where x is the maximum
        return .operation(y, from: self) { g in
            .make(x.shape, from: x, y, g) {
                ck_max_gradient($1, $2, $3, run.outer, run.extent, run.inner, $0)
            }
        }
    }

    /// log Σ exp x along one axis (the last unless told), exact for large and small x; -infinity over nothing.
    public func logSumExp(axis: Int = -1, keeping: Bool = false) -> Tensor {
        let plan = Reduction(shape, [axis], "logSumExp")
        let run = plan.runs.first ?? .init(outer: count, extent: 1, inner: 1)
        let x = detached()
        let y = x.reduced(run, ck_log_sum_exp).reshaped(plan.shape(keeping: keeping))
        // dx = g exp(x - y)
        return .operation(y, from: self) { g in
            .make(x.shape, from: x, y, g) {
                ck_log_sum_exp_gradient($1, $2, $3, run.outer, run.extent, run.inner, $0)
            }
        }
    }

    /// The index of the greatest element of every row along the last axis, the first of equals; traps on empty rows.
    public func argMax() -> [Int] {
        let extent = shape.last ?? 1
        precondition(extent > 0, "argMax: shape \(shape) has empty rows")
        let rows = count / extent
        return read { x in
            [Int](unsafeUninitializedCapacity: rows) { indices, made in
                if let target = indices.baseAddress, let source = x.baseAddress {
                    ck_arg_max(source, rows, extent, target)
                }
                made = rows
            }
        }
    }

    /// Whether every element is a finite number.
    public var isFinite: Bool {
        let count = count
        return withExtendedLifetime(storage) { ck_all_finite(pointer, count) }
    }

    private func reduced(
        _ run: Reduction.Run, _ kernel: (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        .make([run.outer, run.inner], from: self) { kernel($1, run.outer, run.extent, run.inner, $0) }
    }
}

/// Which axes a reduction removes, as runs of neighbouring axes that one kernel call removes each.
struct Reduction {
    struct Run {
        let outer, extent, inner: Int
    }

    /// Outermost first; to be taken from the last, so that `outer` still holds.
    private(set) var runs: [Run] = []
    /// How many elements become one.
    private(set) var extent = 1
    private let kept: [Int]
    private let dropped: [Int]

    init(_ shape: [Int], _ axes: [Int]?, _ operation: StaticString) {
        var reduces = [Bool](repeating: axes == nil, count: shape.count)
        for axis in axes ?? [] {
            let index = axis < 0 ? axis + shape.count : axis
            precondition(shape.indices.contains(index), "\(operation): axis \(axis) of shape \(shape)")
            precondition(!reduces[index], "\(operation): axis \(axis) named twice")
            reduces[index] = true
        }
        kept = shape.indices.map { reduces[$0] ? 1 : shape[$0] }
        dropped = shape.indices.filter { !reduces[$0] }.map { shape[$0] }
        var first = 0
        while first < shape.count {
            var last = first
            while last < shape.count, reduces[last] == reduces[first] { last += 1 }
            if reduces[first] {
                let here = shape[first..<last].reduce(1, *)
                runs.append(
                    Run(outer: shape[..<first].reduce(1, *), extent: here, inner: kept[last...].reduce(1, *)))
                extent *= here
            }
            first = last
        }
    }

    func shape(keeping: Bool) -> [Int] { keeping ? kept : dropped }
}
