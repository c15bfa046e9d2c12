public import BinderyTensors
public import Testing

/// Expects the gradients of `function` at `points` to agree with central differences.
///
/// The result is made a scalar by fixed random weights, so that every element's share is told apart. Differences are
/// taken in single precision with a step of `step`: agreement is within `tolerance` of the largest derivative, which
/// for smooth functions of order 1 leaves 1e-2. Every input is checked alone as well, the others untracked, so that a
/// pullback may not rely on all being wanted.
public func expectGradient(
    at points: [Tensor], step: Float = 1e-2, tolerance: Float = 1e-2, _ note: String = "",
    sourceLocation: SourceLocation = #_sourceLocation, of function: ([Tensor]) -> Tensor
) {
    let untracked = function(points)
    if untracked.isTracked { Issue.record("\(note) tracks without a tracked input", sourceLocation: sourceLocation) }
    let weights = Tensor.varied(untracked.shape, seed: 977)
    let project = { (y: Tensor) -> Double in
        zip(y.values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let leaves = points.map { $0.tracked() }
    let all = (function(leaves) * weights).sum().backward()
    for index in points.indices {
        let name = "\(note) input \(index)"
        guard let gradient = all[leaves[index]] else {
            Issue.record("\(name): no gradient", sourceLocation: sourceLocation)
            continue
        }
        var alone = points
        alone[index] = points[index].tracked()
        let single = (function(alone) * weights).sum().backward()[alone[index]]
        expectClose(
            single ?? Tensor.zeros([0]), gradient, relative: 1e-6, absolute: 1e-6, "\(name) alone",
            sourceLocation: sourceLocation)
        let values = points[index].values
        var differences: [Float] = []
        for element in values.indices {
            var moved = points
            var (up, down) = (values, values)
            up[element] += step
            down[element] -= step
            moved[index] = Tensor(up, points[index].shape)
            let high = project(function(moved))
            moved[index] = Tensor(down, points[index].shape)
            let low = project(function(moved))
            differences.append(Float((high - low) / Double(up[element] - down[element])))
        }
        expectClose(
            gradient, Tensor(differences, points[index].shape), relative: tolerance, absolute: tolerance, name,
            sourceLocation: sourceLocation)
    }
}

extension Tensor {
    /// Numbers between `range`'s bounds that look random and are the same every time, no two alike nearby.
    public static func varied(_ shape: [Int], _ range: ClosedRange<Float> = -1...1, seed: UInt64 = 1) -> Tensor {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        let count = shape.reduce(1, *)
        return Tensor(
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let unit = Float(state >> 40) / Float(1 << 24)
                return range.lowerBound + (range.upperBound - range.lowerBound) * unit
            }, shape)
    }
}
