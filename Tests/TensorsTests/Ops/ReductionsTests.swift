import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct ReductionsTests {
    /// Every element of `x` grouped by where it goes when `axes` are removed.
    private func groups(_ x: Tensor, _ axes: [Int]) -> [[Double]] {
        let kept = x.shape.indices.filter { !axes.contains($0) }
        var groups = [[Double]](repeating: [], count: kept.reduce(1) { $0 * x.shape[$1] })
        for (flat, value) in x.values.enumerated() {
            var (rest, index, stride) = (flat, 0, 1)
            for axis in x.shape.indices.reversed() {
                let position = rest % x.shape[axis]
                rest /= x.shape[axis]
                if !axes.contains(axis) {
                    index += position * stride
                    stride *= x.shape[axis]
                }
            }
            groups[index].append(Double(value))
        }
        return groups
    }

    private static let choices: [([Int], [Int])] = [
        ([2, 3, 4], [0]), ([2, 3, 4], [1]), ([2, 3, 4], [2]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [0, 1]),
        ([2, 3, 4], [1, 2]), ([2, 3, 4], [0, 1, 2]), ([1], [0]), ([1, 5, 1], [1]), ([5], [0]), ([40, 300], [0]),
        ([40, 300], [1]), ([3, 2, 1100], [1]), ([3, 2, 3, 2], [0, 2]),
    ]

    @Test(arguments: choices.indices) func reductionsAgreeWithLoops(index: Int) {
        let (shape, axes) = Self.choices[index]
        let x = Tensor.varied(shape, seed: 21)
        let parts = groups(x, axes)
        let keptShape = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
        let dropped = shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        let n = Double(parts[0].count)
        func check(_ y: Tensor, _ kept: Tensor, _ expected: [Double], _ name: String) {
            expectClose(y, Tensor(expected.map { Float($0) }, dropped), relative: 2e-6, absolute: 1e-6, name)
            #expect(kept.shape == keptShape && kept.values == y.values)
        }
        check(x.sum(axes: axes), x.sum(axes: axes, keeping: true), parts.map { $0.reduce(0, +) }, "sum")
        check(x.mean(axes: axes), x.mean(axes: axes, keeping: true), parts.map { $0.reduce(0, +) / n }, "mean")
        check(x.max(axes: axes), x.max(axes: axes, keeping: true), parts.map { $0.max() ?? 0 }, "max")
        check(x.min(axes: axes), x.min(axes: axes, keeping: true), parts.map { $0.min() ?? 0 }, "min")
        let variances = parts.map { part in
            part.reduce(0) { $0 + ($1 - part.reduce(0, +) / n) * ($1 - part.reduce(0, +) / n) } / n
        }
        check(x.variance(axes: axes), x.variance(axes: axes, keeping: true), variances, "variance")
        if axes.count == 1 {
            check(
                x.logSumExp(axis: axes[0]), x.logSumExp(axis: axes[0], keeping: true),
                parts.map { log($0.reduce(0) { $0 + exp($1) }) }, "logSumExp")
        }
        #expect(x.sum(axes: axes.map { $0 - shape.count }).values == x.sum(axes: axes).values)
    }

    @Test(arguments: [[2, 3, 4], [1], [1, 5, 1], [3, 2, 3, 2]]) func gradientsOfReductions(shape: [Int]) {
        let x = Tensor.varied(shape, -2...2, seed: 22)
        var axes = [[0], [shape.count - 1], Array(shape.indices)]
        if shape.count > 2 { axes += [[0, 2], [1]] }
        for axes in axes {
            for keeping in [false, true] {
                expectGradient(at: [x], "sum") { $0[0].sum(axes: axes, keeping: keeping) }
                expectGradient(at: [x], "mean") { $0[0].mean(axes: axes, keeping: keeping) }
                let apart = Tensor((0..<x.count).map { Float($0 * 7 % x.count) / 8 }, shape)
                expectGradient(at: [apart], "max") { $0[0].max(axes: axes, keeping: keeping) }
                expectGradient(at: [apart], "min") { $0[0].min(axes: axes, keeping: keeping) }
                expectGradient(at: [x], "variance") { $0[0].variance(axes: axes, keeping: keeping) }
                if axes.count == 1 {
                    expectGradient(at: [x], "logSumExp") { $0[0].logSumExp(axis: axes[0], keeping: keeping) }
                }
            }
        }
        expectGradient(at: [x], "all") { $0[0].sum() * $0[0].mean() }
    }

    @Test func unbiasedVarianceDividesByOneLess() {
        let x = Tensor([1, 2, 4, 9], [4])
        #expect(abs(x.variance(unbiased: true).item - 38.0 / 3) < 1e-5)
        expectGradient(at: [x], "unbiased") { $0[0].variance(unbiased: true) }
    }

    @Test func reductionsOfNothing() {
        let empty = Tensor.zeros([0, 3])
        #expect(empty.sum().item == 0)
        #expect(empty.sum(axes: [0]).values == [0, 0, 0])
        #expect(empty.sum(axes: [1]).shape == [0])
        #expect(empty.mean().item.isNaN)
        #expect(Tensor.zeros([3, 0]).logSumExp().values == [-.infinity, -.infinity, -.infinity])
        expectGradient(at: [empty], "empty") { $0[0].sum(axes: [0]) }
    }

    @Test func longSumsAreExactToSinglePrecision() {
        for (shape, axes) in [([3_000_000], [0]), ([300_000, 7], [0]), ([2, 200_000, 3], [1]), ([4, 500_000], [1])] {
            let x = Tensor.varied(shape, 0...1, seed: 23)
            let expected = groups(x, axes).map { Float($0.reduce(0, +)) }
            expectClose(x.sum(axes: axes).values, expected, relative: 4e-7, "\(shape)")
        }
    }

    @Test func equalMaximaShareTheGradient() {
        let x = Tensor([3, 1, 3, 0], [2, 2]).tracked()
        #expect(x.max(axes: [0]).sum().backward()[x]?.values == [0.5, 1, 0.5, 0])
    }

    @Test func logSumExpSurvivesExtremes() {
        let x = Tensor([1000, 1000, -.infinity, -.infinity, 5, -.infinity], [3, 2])
        expectClose(x.logSumExp().values.filter(\.isFinite), [1000 + Float(log(2.0)), 5])
        #expect(x.logSumExp().values[1] == -.infinity)
        #expect(x.transposed().logSumExp(axis: 0).values == x.logSumExp().values)
    }

    @Test func isFiniteFindsASingleStray() {
        var values = Tensor.varied([1000], seed: 25).values
        #expect(Tensor(values, [1000]).isFinite && Tensor.zeros([0]).isFinite)
        for stray in [Float.nan, .infinity, -.infinity] {
            values[777] = stray
            #expect(!Tensor(values, [1000]).isFinite)
        }
    }

    @Test func argMaxFindsTheFirstOfEquals() {
        #expect(Tensor([1, 5, 5, 2, 0, -1], [2, 3]).argMax() == [1, 0])
        var values = Tensor.varied([4, 100], seed: 24).values
        values[277] = 9
        #expect(Tensor(values, [4, 100]).argMax()[2] == 77)
    }
}
