import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct SoftmaxTests {
    private static let shapes = [[4], [2, 5], [3, 1], [2, 2, 17], [2, 70]]

    @Test(arguments: shapes) func rowsAgreeWithLoops(shape: [Int]) {
        let x = Tensor.varied(shape, -8...8, seed: 31)
        let width = shape.last ?? 1
        let values = x.values.map(Double.init)
        var (softmax, logarithms): ([Float], [Float]) = ([], [])
        for start in stride(from: 0, to: values.count, by: width) {
            let row = values[start..<start + width]
            let total = row.reduce(0) { $0 + exp($1) }
            softmax += row.map { Float(exp($0) / total) }
            logarithms += row.map { Float($0 - log(total)) }
        }
        expectClose(x.softmax(), Tensor(softmax, shape), relative: 1e-6)
        expectClose(x.logSoftmax(), Tensor(logarithms, shape), relative: 1e-6)
    }

    @Test(arguments: shapes + [[0, 3], [3, 0]]) func gradients(shape: [Int]) {
        let x = Tensor.varied(shape, -2...2, seed: 32)
        expectGradient(at: [x], "softmax") { $0[0].softmax() }
        expectGradient(at: [x], "logSoftmax") { $0[0].logSoftmax() }
    }

    @Test func maskedAndExtremeRows() {
        let x = Tensor([-.infinity, -.infinity, 0, -.infinity, 1e30, 0], [3, 2])
        #expect(x.softmax().values == [0, 0, 1, 0, 1, 0])
        #expect(Tensor([500, 500], [2]).softmax().values == [0.5, 0.5])
    }
}
