/// Minimises a smooth function by the limited-memory BFGS method (Nocedal 1980; Nocedal and Wright 2006, chapter 7).
struct LBFGS {
    /// How many steps back the curvature is remembered.
    var memory = 10
    /// The most steps.
    var steps = 1000
    /// No entry of the gradient is larger than this at the end, unless the steps or the precision ran out.
    var tolerance = 1e-5

    /// The place of the lowest value found from `start` on; `value` also fills in the gradient.
    func minimize(
        from start: [Double], _ value: (_ x: [Double], _ gradient: inout [Double]) -> Double
    ) -> [Double] {
        var x = start
        var gradient = [Double](repeating: 0, count: x.count)
        var height = value(x, &gradient)
        var history: [(s: [Double], y: [Double], curvature: Double)] = []
        for _ in 0..<steps {
            guard let steepest = gradient.map(abs).max(), steepest > tolerance else { break }
            var direction = direction(gradient, history)
            var slope = dot(direction, gradient)
            if !(slope < 0) {
                history = []
                direction = gradient.map { -$0 }
                slope = -dot(gradient, gradient)
            }
            // Without curvature yet, a step of length one at most.
            let first = history.isEmpty ? min(1, 1 / dot(gradient, gradient).squareRoot()) : 1
            guard let found = search(x, height, direction, slope, first, value) else {
                guard !history.isEmpty else { break }
                history = []
                continue
            }
            let s = zip(found.x, x).map { $0 - $1 }
            let y = zip(found.gradient, gradient).map { $0 - $1 }
            let curvature = dot(s, y)
            if curvature > 1e-12 * dot(y, y) {
                history.append((s, y, curvature))
                if history.count > memory { history.removeFirst() }
            }
            (x, height, gradient) = found
        }
        return x
    }

    /// −H g with the inverse Hessian H that the remembered steps imply (the two-loop recursion).
    private func direction(
        _ gradient: [Double], _ history: [(s: [Double], y: [Double], curvature: Double)]
    ) -> [Double] {
        var q = gradient
        var weights: [Double] = []
        for (s, y, curvature) in history.reversed() {
            let weight = dot(s, q) / curvature
            weights.append(weight)
            add(-weight, y, to: &q)
        }
        if let last = history.last {
            let scale = last.curvature / dot(last.y, last.y)
            for index in q.indices { q[index] *= scale }
        }
        for ((s, y, curvature), weight) in zip(history, weights.reversed()) {
            add(weight - dot(y, q) / curvature, s, to: &q)
        }
        return q.map { -$0 }
    }

    /// A step along `direction` that lowers the value enough and leaves a flatter slope (the weak Wolfe conditions), by
    /// bisection; nil when rounding hides any descent.
    private func search(
        _ x: [Double], _ height: Double, _ direction: [Double], _ slope: Double, _ first: Double,
        _ value: ([Double], inout [Double]) -> Double
    ) -> (x: [Double], height: Double, gradient: [Double])? {
        var (low, high, step) = (0.0, Double.infinity, first)
        var gradient = [Double](repeating: 0, count: x.count)
        var best: (x: [Double], height: Double, gradient: [Double])?
        for _ in 0..<30 {
            var next = x
            add(step, direction, to: &next)
            let nextHeight = value(next, &gradient)
            if !(nextHeight <= height + 1e-4 * step * slope) {
                high = step
            } else {
                best = (next, nextHeight, gradient)
                guard dot(direction, gradient) < 0.9 * slope else { return best }
                low = step
            }
            step = high.isFinite ? (low + high) / 2 : 2 * low
        }
        return best
    }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            var sum = 0.0
            for index in a.indices { sum += a[index] * b[index] }
            return sum
        }
    }
}

private func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeMutableBufferPointer { b in
            for index in a.indices { b[index] += factor * a[index] }
        }
    }
}
