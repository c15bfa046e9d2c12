import BinderyTensors
import TestSupport
import Testing

@Suite struct PoolingTests {
    private struct Case: Sendable {
        let shape: [Int]
        let window, stride, padding: (Int, Int)
    }

    private static let cases = [
        Case(shape: [2, 4, 6, 3], window: (2, 2), stride: (2, 2), padding: (0, 0)),
        Case(shape: [1, 5, 7, 2], window: (2, 3), stride: (2, 2), padding: (0, 1)),
        Case(shape: [2, 5, 5, 1], window: (3, 3), stride: (1, 2), padding: (1, 1)),
        Case(shape: [1, 3, 3, 70], window: (3, 2), stride: (2, 1), padding: (1, 0)),
        Case(shape: [1, 1, 4, 2], window: (1, 2), stride: (1, 2), padding: (0, 0)),
        Case(shape: [0, 4, 4, 2], window: (2, 2), stride: (2, 2), padding: (0, 0)),
    ]

    private func naive(_ x: Tensor, _ c: Case, _ join: ([Float], Int) -> Float) -> Tensor {
        let (height, width) = (
            (c.shape[1] + 2 * c.padding.0 - c.window.0) / c.stride.0 + 1,
            (c.shape[2] + 2 * c.padding.1 - c.window.1) / c.stride.1 + 1
        )
        let values = x.values
        var y: [Float] = []
        for b in 0..<c.shape[0] {
            for (row, column) in (0..<height * width).map({ ($0 / width, $0 % width) }) {
                for channel in 0..<c.shape[3] {
                    var seen: [Float] = []
                    for (ky, kx) in (0..<c.window.0 * c.window.1).map({ ($0 / c.window.1, $0 % c.window.1) }) {
                        let (top, left) = (row * c.stride.0 - c.padding.0 + ky, column * c.stride.1 - c.padding.1 + kx)
                        guard (0..<c.shape[1]).contains(top), (0..<c.shape[2]).contains(left) else { continue }
                        seen.append(values[((b * c.shape[1] + top) * c.shape[2] + left) * c.shape[3] + channel])
                    }
                    y.append(join(seen, c.window.0 * c.window.1))
                }
            }
        }
        return Tensor(y, [c.shape[0], height, width, c.shape[3]])
    }

    @Test(arguments: cases.indices) func agreesWithLoops(index: Int) {
        let c = Self.cases[index]
        let count = c.shape.reduce(1, *)
        // Distinct numbers, so that a small step never changes which one is the greatest.
        let x = Tensor((0..<count).map { Float($0 * 37 % 211) / 100 }, c.shape)
        let (window, stride, padding) = (c.window, c.stride, c.padding)
        expectClose(
            x.averagePool2D(kernel: window, stride: stride, padding: padding),
            naive(x, c) { $0.reduce(0, +) / Float($1) })
        expectClose(
            x.averagePool2D(kernel: window, stride: stride, padding: padding, countingPadding: false),
            naive(x, c) { $0.reduce(0, +) / Float($0.count) + 0 * Float($1) })
        #expect(
            x.maxPool2D(kernel: window, stride: stride, padding: padding).values
                == naive(x, c) { seen, _ in seen.max() ?? 0 }.values)
        expectGradient(at: [x], "average") { $0[0].averagePool2D(kernel: window, stride: stride, padding: padding) }
        expectGradient(at: [x], "average inside") {
            $0[0].averagePool2D(kernel: window, stride: stride, padding: padding, countingPadding: false)
        }
        expectGradient(at: [x], step: 2e-3, "max") { $0[0].maxPool2D(kernel: window, stride: stride, padding: padding) }
    }

    @Test func theStrideIsTheWindowUnlessGiven() {
        let x = Tensor((0..<16).map(Float.init), [1, 4, 4, 1])
        #expect(x.averagePool2D(kernel: (2, 2)).values == [2.5, 4.5, 10.5, 12.5])
        #expect(x.maxPool2D(kernel: (2, 2)).values == [5, 7, 13, 15])
    }

    @Test func theFirstOfEqualMaximaGetsTheGradient() {
        let x = Tensor([1, 1, 1, 1], [1, 2, 2, 1]).tracked()
        #expect(x.maxPool2D(kernel: (2, 2)).sum().backward()[x]?.values == [1, 0, 0, 0])
    }
}
