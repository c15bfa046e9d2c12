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
}
