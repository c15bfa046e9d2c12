public import BinderyTensors
public import Testing

/// Expects `actual` to have the shape of `expected` and to differ from it nowhere by more than
/// `absolute + relative · max|expected|`.
public func expectClose(
    _ actual: Tensor, _ expected: Tensor, relative: Float = 1e-5, absolute: Float = 0, _ note: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.shape == expected.shape else {
        Issue.record("\(note) shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
        return
    }
    expectClose(
        actual.values, expected.values, relative: relative, absolute: absolute, note, sourceLocation: sourceLocation)
}

/// Expects every number of `actual` to lie within `absolute + relative · max|expected|` of its partner in `expected`.
public func expectClose(
    _ actual: [Float], _ expected: [Float], relative: Float = 1e-5, absolute: Float = 0, _ note: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count else {
        Issue.record("\(note) \(actual.count) numbers, expected \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    let largest = expected.reduce(Float(0)) { max($0, abs($1)) }
    let allowed = absolute + relative * largest
    var worst = (index: -1, difference: Float(0))
    for index in actual.indices {
        let difference = abs(actual[index] - expected[index])
        if !(difference <= worst.difference) { worst = (index, difference) }
    }
    guard !(worst.difference <= allowed) else { return }
    Issue.record(
        """
        \(note) differs by \(worst.difference) at \(worst.index): \(actual[worst.index]), \
        expected \(expected[worst.index]), allowed \(allowed)
        """, sourceLocation: sourceLocation)
}
