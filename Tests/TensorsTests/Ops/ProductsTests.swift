import BinderyTensors
import TestSupport
import Testing

@Suite struct ProductsTests {
    /// One product by three loops in double precision.
    private func naive(_ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int) -> [Float] {
        var y = [Float](repeating: 0, count: m * n)
        for row in 0..<m {
            for column in 0..<n {
                y[row * n + column] = Float(
                    (0..<k).reduce(0.0) { $0 + Double(a[row * k + $1]) * Double(b[$1 * n + column]) })
            }
        }
        return y
    }

    private static let sizes = [
        (1, 1, 1), (2, 3, 4), (1, 7, 5), (5, 7, 1), (50, 33, 70), (300, 20, 40), (3, 65, 900), (0, 3, 2), (2, 0, 3),
        (2, 3, 0), (520, 130, 800), (32, 32, 32), (113, 1030, 33), (225, 512, 65),
    ]

    @Test(arguments: sizes.indices) func threeFormsAgreeWithLoops(index: Int) {
        let (m, k, n) = Self.sizes[index]
        let (a, b) = (Tensor.varied([m, k], seed: 51), Tensor.varied([k, n], seed: 52))
        let expected = Tensor(naive(a.values, b.values, m, k, n), [m, n])
        expectClose(a.matmul(b), expected, relative: 1e-5)
        expectClose(a.matmul(transposed: b.transposed()), expected, relative: 1e-5)
        expectClose(a.transposed().transposedMatmul(b), expected, relative: 1e-5)
        let bias = Tensor.varied([n], seed: 53)
        expectClose(a.linear(weight: b.transposed()), expected, relative: 1e-5)
        expectClose(a.linear(weight: b.transposed(), bias: bias), expected + bias, relative: 1e-5)
    }

    private static let batches: [([Int], [Int])] = [
        ([2, 3], [3, 4]), ([2, 2, 3], [3, 4]), ([2, 3], [2, 3, 4]), ([2, 2, 3], [2, 3, 4]), ([2, 1, 2, 3], [3, 3, 4]),
        ([2, 1, 1, 3], [1, 2, 3, 2]), ([1, 3], [3, 1]), ([0, 2, 3], [3, 4]), ([2, 0], [0, 2]),
    ]

    @Test(arguments: batches.indices) func batchesBroadcastForwardAndBack(index: Int) {
        let (aShape, bShape) = Self.batches[index]
        let (a, b) = (Tensor.varied(aShape, seed: 54), Tensor.varied(bShape, seed: 55))
        let y = a.matmul(b)
        let (m, k, n) = (aShape[aShape.count - 2], aShape[aShape.count - 1], bShape[bShape.count - 1])
        let batch = Array(y.shape.dropLast(2))
        let (left, right) = (
            a.broadcast(to: batch + [m, k]).reshaped([batch.reduce(1, *), m, k]),
            b.broadcast(to: batch + [k, n]).reshaped([batch.reduce(1, *), k, n])
        )
        let expected = (0..<batch.reduce(1, *)).flatMap {
            naive(left.slice(axis: 0, $0..<$0 + 1).values, right.slice(axis: 0, $0..<$0 + 1).values, m, k, n)
        }
        expectClose(y, Tensor(expected, batch + [m, n]))
        expectClose(a.matmul(transposed: b.transposed()), y)
        expectClose(a.transposed().transposedMatmul(b), y)
        expectGradient(at: [a, b], "plain") { $0[0].matmul($0[1]) }
        expectGradient(at: [a, b.transposed()], "right") { $0[0].matmul(transposed: $0[1]) }
        expectGradient(at: [a.transposed(), b], "left") { $0[0].transposedMatmul($0[1]) }
    }

    @Test func gradientsOfLinear() {
        for shape in [[2, 3], [2, 2, 3], [3], [0, 3], [1, 3]] {
            let (x, w, b) = (
                Tensor.varied(shape, seed: 56), Tensor.varied([4, 3], seed: 57), Tensor.varied([4], seed: 58)
            )
            expectGradient(at: [x, w, b], "linear \(shape)") { $0[0].linear(weight: $0[1], bias: $0[2]) }
            expectGradient(at: [x, w], "linear without bias \(shape)") { $0[0].linear(weight: $0[1]) }
        }
    }
}
