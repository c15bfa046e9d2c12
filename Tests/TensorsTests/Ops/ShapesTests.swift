import BinderyTensors
import TestSupport
import Testing

/// The element of every index of `shape`, outermost axis slowest, as `pick` finds it.
private func fill(_ shape: [Int], _ pick: ([Int]) -> Float) -> Tensor {
    Tensor(
        (0..<shape.reduce(1, *)).map { flat in
            var rest = flat
            var index = [Int](repeating: 0, count: shape.count)
            for axis in shape.indices.reversed() {
                index[axis] = rest % shape[axis]
                rest /= shape[axis]
            }
            return pick(index)
        }, shape)
}

private func element(_ x: Tensor, _ values: [Float], _ index: [Int]) -> Float {
    values[zip(index, x.shape).reduce(0) { $0 * $1.1 + $1.0 }]
}

@Suite struct ShapesTests {
    private static let orders: [([Int], [Int])] = [
        ([2, 3], [1, 0]), ([2, 3, 4], [0, 2, 1]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [1, 0, 2]),
        ([2, 3, 4, 5], [0, 2, 1, 3]), ([2, 3, 4, 5], [3, 1, 0, 2]), ([40, 50], [1, 0]),
        ([3, 40, 1, 33], [0, 3, 2, 1]),
        ([1, 4], [1, 0]), ([0, 4], [1, 0]), ([5], [0]), ([], []), ([2, 2, 2, 2, 2, 2], [5, 0, 4, 1, 3, 2]),
    ]

    @Test(arguments: orders.indices) func permuted(index: Int) {
        let (shape, order) = Self.orders[index]
        let x = Tensor.varied(shape, seed: 41)
        let values = x.values
        let expected = fill(order.map { shape[$0] }) { index in
            var source = index
            for (position, axis) in order.enumerated() { source[axis] = index[position] }
            return element(x, values, source)
        }
        let y = x.permuted(order)
        #expect(y.shape == expected.shape && y.values == expected.values)
        if x.count <= 200 { expectGradient(at: [x]) { $0[0].permuted(order).square() } }
    }

    @Test func transposedExchangesTwoAxes() {
        let x = Tensor.varied([2, 3, 4], seed: 42)
        #expect(x.transposed().shape == [2, 4, 3])
        #expect(x.transposed(0, 1).values == x.permuted(1, 0, 2).values)
    }

    @Test func reshapedKeepsTheElementsAndComputesOneExtent() {
        let x = Tensor.varied([2, 6], seed: 43)
        #expect(x.reshaped(3, -1).shape == [3, 4] && x.reshaped(3, -1).values == x.values)
        #expect(Tensor(3).reshaped(1, 1).shape == [1, 1])
        #expect(Tensor.zeros([0, 4]).reshaped(-1, 2).shape == [0, 2])
        expectGradient(at: [x]) { $0[0].reshaped(4, 3).square() }
    }

    @Test func broadcastRepeats() {
        for (shape, target) in [
            ([3], [2, 3]), ([2, 1], [2, 3]), ([], [2, 2]), ([1, 2, 1], [2, 2, 3]), ([2], [0, 2]),
        ] {
            let x = Tensor.varied(shape, seed: 44)
            #expect(x.broadcast(to: target).values == (x + Tensor.zeros(target)).values)
            expectGradient(at: [x], "\(shape) to \(target)") { $0[0].broadcast(to: target).square() }
        }
    }

    @Test func sliceSplitAndConcatenatedAreInverse() {
        for shape in [[4, 3, 2], [4], [4, 1], [4, 5]] {
            let x = Tensor.varied(shape, seed: 45)
            let values = x.values
            for axis in shape.indices where shape[axis] > 1 {
                let y = x.slice(axis: axis, 1..<shape[axis])
                var smaller = shape
                smaller[axis] -= 1
                let expected = fill(smaller) { index in
                    var source = index
                    source[axis] += 1
                    return element(x, values, source)
                }
                #expect(y.shape == smaller && y.values == expected.values)
                let parts = x.split(axis: axis, [1, 0, shape[axis] - 1])
                #expect(parts.map { $0.shape[axis] } == [1, 0, shape[axis] - 1])
                #expect(Tensor.concatenated(parts, axis: axis - shape.count).values == values)
                expectGradient(at: [x], "slice \(axis) of \(shape)") {
                    $0[0].slice(axis: axis, 1..<shape[axis]).square()
                }
                expectGradient(at: [x, x * 2], "concatenated \(axis) of \(shape)") {
                    Tensor.concatenated($0, axis: axis).square()
                }
            }
            expectGradient(at: [x, x + 1], "stacked") { Tensor.stacked($0, axis: -1).square() }
            #expect(Tensor.stacked([x, x]).shape == [2] + shape)
        }
        #expect(Tensor.varied([4, 6]).split(axis: 1, into: 3).map(\.shape) == [[4, 2], [4, 2], [4, 2]])
    }

    @Test func aSliceOfASliceStartsWhereItShould() {
        let x = Tensor((0..<24).map(Float.init), [4, 3, 2])
        let y = x.slice(axis: 0, 1..<4).slice(axis: 0, 1..<2)
        #expect(y.values == [12, 13, 14, 15, 16, 17])
        #expect(y.slice(axis: 2, 1..<2).values == [13, 15, 17])
        #expect((y * y).sum().item == y.values.reduce(0) { $0 + $1 * $1 })
    }

    @Test func padded() {
        let x = Tensor([1, 2, 3, 4], [2, 2])
        #expect(x.padded([(1, 0), (0, 2)]).values == [0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0])
        #expect(x.padded([(0, 0), (1, 0)], with: 9).values == [9, 1, 2, 9, 3, 4])
        expectGradient(at: [x]) { $0[0].padded([(1, 2), (0, 1)], with: 2).square() }
        expectGradient(at: [Tensor.zeros([0, 2])]) { $0[0].padded([(1, 1), (0, 0)]).square() }
    }

    @Test func flippedAndRolled() {
        let x = Tensor((0..<6).map(Float.init), [2, 3])
        #expect(x.flipped(axis: 1).values == [2, 1, 0, 5, 4, 3])
        #expect(x.flipped(axis: 0).values == [3, 4, 5, 0, 1, 2])
        #expect(x.rolled(axis: 1, by: 1).values == [2, 0, 1, 5, 3, 4])
        #expect(x.rolled(axis: 1, by: -1).values == [1, 2, 0, 4, 5, 3])
        #expect(x.rolled(axis: 0, by: 3).values == [3, 4, 5, 0, 1, 2])
        expectGradient(at: [x]) { $0[0].flipped(axis: 1).square() + $0[0].rolled(axis: 1, by: 2).square() }
    }
}
