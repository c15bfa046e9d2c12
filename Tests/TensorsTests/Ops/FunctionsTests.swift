import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct FunctionsTests {
    private struct Case: Sendable {
        let name: String
        let range: ClosedRange<Float>
        /// Units in the last place of the exact value, plus `absolute`.
        let ulps: Double
        var absolute: Double = 0
        let tensor: @Sendable (Tensor) -> Tensor
        let exact: @Sendable (Double) -> Double
    }

    private static let cases: [Case] = [
        Case(name: "exp", range: -87...88.7, ulps: 2, tensor: { $0.exp() }, exact: { Foundation.exp($0) }),
        Case(
            name: "exp tiny", range: -103 ... -87, ulps: 0, absolute: 3e-45, tensor: { $0.exp() },
            exact: { Foundation.exp($0) }),
        Case(name: "log", range: 1e-30...1e30, ulps: 2, tensor: { $0.log() }, exact: { Foundation.log($0) }),
        Case(name: "log near one", range: 0.4...2.5, ulps: 2, tensor: { $0.log() }, exact: { Foundation.log($0) }),
        Case(
            name: "log denormal", range: Float.leastNonzeroMagnitude...1e-38, ulps: 2, tensor: { $0.log() },
            exact: { Foundation.log($0) }),
        Case(name: "sqrt", range: 0...1e9, ulps: 1, tensor: { $0.sqrt() }, exact: { $0.squareRoot() }),
        Case(name: "square", range: -9...9, ulps: 1, tensor: { $0.square() }, exact: { $0 * $0 }),
        Case(name: "abs", range: -9...9, ulps: 0, tensor: { $0.abs() }, exact: { Swift.abs($0) }),
        Case(name: "tanh", range: -10...10, ulps: 4, tensor: { $0.tanh() }, exact: { Foundation.tanh($0) }),
        Case(name: "erf", range: -5...5, ulps: 4, tensor: { $0.erf() }, exact: { Foundation.erf($0) }),
        Case(
            name: "sigmoid", range: -80...80, ulps: 4, tensor: { $0.sigmoid() },
            exact: { 1 / (1 + Foundation.exp(-$0)) }),
        Case(
            name: "logSigmoid", range: -80...80, ulps: 4, tensor: { $0.logSigmoid() },
            exact: { -Foundation.log1p(Foundation.exp(-$0)) }),
        Case(
            name: "softplus", range: -80...80, ulps: 4, tensor: { $0.softplus() },
            exact: { Foundation.log1p(Foundation.exp($0)) }),
        Case(name: "relu", range: -3...3, ulps: 0, tensor: { $0.relu() }, exact: { Swift.max($0, 0) }),
        Case(
            name: "silu", range: -20...20, ulps: 6, tensor: { $0.silu() }, exact: { $0 / (1 + Foundation.exp(-$0)) }),
        Case(
            name: "gelu erf", range: -6...6, ulps: 4, absolute: 3e-7, tensor: { $0.gelu() },
            exact: { $0 * 0.5 * Foundation.erfc(-$0 / 2.0.squareRoot()) }),
        Case(
            name: "gelu tanh", range: -6...6, ulps: 4, absolute: 3e-7, tensor: { $0.gelu(.tanh) },
            exact: { $0 * 0.5 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
        Case(
            name: "gelu quick", range: -6...6, ulps: 12, tensor: { $0.gelu(.quick) },
            exact: { $0 / (1 + Foundation.exp(-1.702 * $0)) }),
        Case(name: "cube", range: 0.1...3, ulps: 2, tensor: { $0.pow(3) }, exact: { $0 * $0 * $0 }),
        Case(name: "power", range: 0.1...3, ulps: 2, tensor: { $0.pow(-0.7) }, exact: { Foundation.pow($0, -0.7) }),
    ]

    @Test(arguments: cases.indices) func valuesAgreeWithDoublePrecision(index: Int) {
        let test = Self.cases[index]
        let x = Tensor.varied([60_000], test.range, seed: 11)
        let y = test.tensor(x).values
        var worst = (x: Float(0), y: Float(0), exact: 0.0, ulps: 0.0)
        for (x, y) in zip(x.values, y) {
            let exact = test.exact(Double(x))
            let beyond = Swift.max(Swift.abs(Double(y) - exact) - test.absolute, 0)
            let ulps = beyond / Double(Float(exact).ulp)
            if !(ulps <= worst.ulps) { worst = (x, y, exact, ulps) }
        }
        #expect(worst.ulps <= test.ulps + 0.5, "\(test.name) at \(worst.x): \(worst.y), exact \(worst.exact)")
    }

    @Test(arguments: cases.indices) func gradientsAgreeWithCentralDifferences(index: Int) {
        let test = Self.cases[index]
        guard test.range.lowerBound < 3, test.range.upperBound > 1 else { return }
        let low = test.range.lowerBound < 0 ? -3 : Swift.max(test.range.lowerBound, 0.5)
        let range = low...Swift.min(test.range.upperBound, 3)
        for shape in [[7], [2, 3, 2], [1], [], [0, 3]] {
            expectGradient(at: [.varied(shape, range, seed: 12)], step: 4e-3, test.name) { test.tensor($0[0]) }
        }
    }

    @Test func specialNumbersGoThrough() {
        let x = Tensor([-.infinity, .infinity, .nan, 0], [4])
        #expect(x.exp().values[0] == 0 && x.exp().values[1] == .infinity && x.exp().values[2].isNaN)
        let log = x.log().values
        #expect(log[0].isNaN && log[1] == .infinity && log[2].isNaN && log[3] == -.infinity)
        #expect(x.tanh().values[0] == -1 && x.tanh().values[1] == 1 && x.tanh().values[2].isNaN)
        #expect(x.erf().values[0] == -1 && x.erf().values[1] == 1 && x.erf().values[2].isNaN)
        #expect(x.sigmoid().values[0] == 0 && x.sigmoid().values[1] == 1 && x.sigmoid().values[2].isNaN)
        #expect(x.softplus().values[0] == 0 && x.softplus().values[1] == .infinity)
        #expect(x.relu().values[2].isNaN)
        #expect(Tensor([200, -200], [2]).exp().values == [.infinity, 0])
    }
}
