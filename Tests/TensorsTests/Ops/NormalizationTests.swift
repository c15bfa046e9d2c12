import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct NormalizationTests {
    @Test(arguments: [[2, 5], [3, 1], [2, 2, 33], [4], [70, 1200]]) func layerNormAgreesWithLoops(shape: [Int]) {
        let width = shape[shape.count - 1]
        let x = Tensor.varied(shape, -1...3, seed: 61)
        let (weight, bias) = (Tensor.varied([width], seed: 62), Tensor.varied([width], seed: 63))
        let (values, w, b) = (x.values, weight.values, bias.values)
        var expected: [Float] = []
        for start in stride(from: 0, to: values.count, by: width) {
            let row = values[start..<start + width].map(Double.init)
            let mean = row.reduce(0, +) / Double(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            expected += row.indices.map {
                Float((row[$0] - mean) / (variance + 1e-5).squareRoot() * Double(w[$0]) + Double(b[$0]))
            }
        }
        expectClose(x.layerNorm(weight: weight, bias: bias), Tensor(expected, shape), relative: 2e-6)
        expectClose(x.layerNorm(weight: weight) + bias, Tensor(expected, shape), relative: 2e-6)
        expectClose(x.layerNorm() * weight + bias, Tensor(expected, shape), relative: 2e-6)
    }

    @Test(arguments: [[2, 5], [2, 3, 4], [1, 2], [0, 3]]) func gradientsOfLayerNorm(shape: [Int]) {
        let width = shape[shape.count - 1]
        let x = Tensor.varied(shape, -1...3, seed: 64)
        let (weight, bias) = (Tensor.varied([width], seed: 65), Tensor.varied([width], seed: 66))
        expectGradient(at: [x, weight, bias], step: 4e-3, "both") { $0[0].layerNorm(weight: $0[1], bias: $0[2]) }
        expectGradient(at: [x, weight], step: 4e-3, "weight") { $0[0].layerNorm(weight: $0[1]) }
        expectGradient(at: [x, bias], step: 4e-3, "bias") { $0[0].layerNorm(bias: $0[1], epsilon: 1e-3) }
        expectGradient(at: [x], step: 4e-3, "neither") { $0[0].layerNorm() }
    }

    @Test func gradientsOfLayerNormSumOverManyRows() {
        let x = Tensor.varied([5000, 9], seed: 67)
        let (w, b) = (Tensor.varied([9], seed: 68).tracked(), Tensor.zeros([9]).tracked())
        let g = Tensor.varied([5000, 9], seed: 69)
        let found = (x.layerNorm(weight: w, bias: b) * g).sum().backward()
        expectClose(found[b] ?? w, g.sum(axes: [0]), relative: 1e-6)
        expectClose(found[w] ?? w, (x.layerNorm() * g).sum(axes: [0]), relative: 1e-5)
    }

    @Test(arguments: [[6, 3], [2, 3, 4, 5], [300, 7], [4, 1]]) func batchNormAgreesWithLoops(shape: [Int]) {
        let width = shape[shape.count - 1]
        let x = Tensor.varied(shape, -1...3, seed: 111)
        let (weight, bias) = (Tensor.varied([width], seed: 112), Tensor.varied([width], seed: 113))
        let (values, w, b) = (x.values, weight.values, bias.values)
        let rows = values.count / width
        var expected = values
        var (means, variances): ([Float], [Float]) = ([], [])
        for column in 0..<width {
            let numbers = stride(from: column, to: values.count, by: width).map { Double(values[$0]) }
            let center = numbers.reduce(0, +) / Double(rows)
            let spread = numbers.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(rows)
            for row in 0..<rows {
                expected[row * width + column] = Float(
                    (numbers[row] - center) / (spread + 1e-5).squareRoot() * Double(w[column]) + Double(b[column]))
            }
            means.append(Float(center))
            variances.append(Float(spread))
        }
        let (y, mean, variance) = x.batchNorm(weight: weight, bias: bias)
        expectClose(y, Tensor(expected, shape), relative: 2e-6)
        expectClose(mean.values, means, relative: 1e-6)
        expectClose(variance.values, variances, relative: 1e-6)
        expectClose(
            x.batchNorm(mean: mean, variance: variance, weight: weight, bias: bias),
            Tensor(expected, shape), relative: 2e-6)
    }

    @Test(arguments: [[6, 3], [2, 2, 2, 3], [5, 1]]) func gradientsOfBatchNorm(shape: [Int]) {
        let width = shape[shape.count - 1]
        let x = Tensor.varied(shape, -1...3, seed: 114)
        let (weight, bias) = (Tensor.varied([width], seed: 115), Tensor.varied([width], seed: 116))
        let (mean, variance) = (Tensor.varied([width], seed: 117), Tensor.varied([width], 0.5...2, seed: 118))
        expectGradient(at: [x, weight, bias], "training") { $0[0].batchNorm(weight: $0[1], bias: $0[2]).output }
        expectGradient(at: [x], "training, plain") { $0[0].batchNorm(epsilon: 1e-2).output }
        expectGradient(at: [x, weight, bias], "inference") {
            $0[0].batchNorm(mean: mean, variance: variance, weight: $0[1], bias: $0[2])
        }
        expectGradient(at: [x], "inference, plain") { $0[0].batchNorm(mean: mean, variance: variance) }
    }

    @Test func l2Normalized() {
        let x = Tensor([3, 4, 0, 0, 1e-20, 0], [3, 2])
        expectClose(x.l2Normalized().values, [0.6, 0.8, 0, 0, 1e-8, 0])
        for shape in [[2, 5], [3], [2, 2, 1], [0, 4], [3, 70]] {
            expectGradient(at: [.varied(shape, 0.3...2, seed: 119)], step: 4e-3) { $0[0].l2Normalized() }
            expectGradient(at: [.varied(shape, seed: 120)], "below epsilon") { $0[0].l2Normalized(epsilon: 100) * 100 }
        }
    }
}
