import BinderyTensors
import TestSupport
import Testing

/// Shapes that broadcast in every way the kernels tell apart: equal, scalar, trailing, leading, inner, both, length 1
/// and empty.
private let pairs: [([Int], [Int])] = [
    ([2, 3], [2, 3]), ([2, 3], []), ([], [2, 3]), ([], []), ([2, 3], [3]), ([3], [2, 3]), ([2, 3], [2, 1]),
    ([2, 1, 3], [2, 4, 1]), ([4, 1], [1, 5]), ([2, 3, 4], [3, 1]), ([2, 3, 2, 2], [2, 1, 2, 1]), ([1], [1, 1]),
    ([0, 3], [3]), ([2, 0], [2, 1]), ([1, 1, 3], [2, 1, 3]),
]

@Suite struct ArithmeticTests {
    private typealias Operation = @Sendable (Tensor, Tensor) -> Tensor

    private static let operations: [(name: String, tensor: Operation, number: @Sendable (Float, Float) -> Float)] = [
        ("+", { $0 + $1 }, { $0 + $1 }), ("-", { $0 - $1 }, { $0 - $1 }), ("*", { $0 * $1 }, { $0 * $1 }),
        ("/", { $0 / $1 }, { $0 / $1 }), ("maximum", { $0.maximum($1) }, { max($0, $1) }),
        ("minimum", { $0.minimum($1) }, { min($0, $1) }),
    ]

    @Test(arguments: pairs.indices) func valuesAndGradientsFollowNumpyBroadcasting(pair: Int) {
        let (aShape, bShape) = pairs[pair]
        let a = Tensor.varied(aShape, 0.5...2, seed: 3)
        let b = Tensor.varied(bShape, 0.6...2, seed: 4)
        for (name, operation, number) in Self.operations {
            let y = operation(a, b)
            let rank = max(aShape.count, bShape.count)
            let (aLong, bLong) = (
                [Int](repeating: 1, count: rank - aShape.count) + aShape,
                [Int](repeating: 1, count: rank - bShape.count) + bShape
            )
            let shape = zip(aLong, bLong).map { $0 == 1 ? $1 : $0 }
            let (aValues, bValues) = (a.values, b.values)
            let expected = (0..<shape.reduce(1, *)).map { flat -> Float in
                var (rest, aIndex, bIndex, aStride, bStride) = (flat, 0, 0, 1, 1)
                for axis in shape.indices.reversed() {
                    let position = rest % shape[axis]
                    rest /= shape[axis]
                    if aLong[axis] != 1 { aIndex += position * aStride }
                    if bLong[axis] != 1 { bIndex += position * bStride }
                    aStride *= aLong[axis]
                    bStride *= bLong[axis]
                }
                return number(aValues[aIndex], bValues[bIndex])
            }
            #expect(y.shape == shape)
            #expect(y.values == expected, "\(name) \(aShape) \(bShape)")
            expectGradient(at: [a, b], step: 1e-3, "\(name) \(aShape) \(bShape)") { operation($0[0], $0[1]) }
        }
    }

    @Test func largeArraysAgreeWithSmallOnes() {
        let a = Tensor.varied([70, 1000], seed: 5)
        let b = Tensor.varied([1000], seed: 6)
        let (x, z) = (a.values, b.values)
        #expect((a * b).values == x.indices.map { x[$0] * z[$0 % 1000] })
        let c = Tensor.varied([70, 1], seed: 7)
        let w = c.values
        #expect((c - a).values == x.indices.map { w[$0 / 1000] - x[$0] })
    }

    @Test func numbersStandOnEitherSide() {
        let x = Tensor([1, 2, 4], [3])
        #expect((x + 1).values == [2, 3, 5] && (1 + x).values == [2, 3, 5])
        #expect((x - 1).values == [0, 1, 3] && (1 - x).values == [0, -1, -3])
        #expect((x * 3).values == [3, 6, 12] && (3 * x).values == [3, 6, 12])
        #expect((x / 2).values == [0.5, 1, 2] && (2 / x).values == [2, 1, 0.5])
        #expect((-x).values == [-1, -2, -4])
        expectGradient(at: [x]) { (1 - $0[0]) * 3 + 2 / $0[0] - $0[0] / 4 + -$0[0] }
    }

    @Test func clipPassesGradientsInsideItsBoundsBoundsIncluded() {
        let x = Tensor([-2, -1, 0.5, 1, 3], [5]).tracked()
        let y = x.clip(-1...1)
        #expect(y.values == [-1, -1, 0.5, 1, 1])
        #expect(y.sum().backward()[x]?.values == [0, 1, 1, 1, 0])
    }

    @Test func equalElementsShareTheGradientOfAnExtremum() {
        let (a, b) = (Tensor([1, 2], [2]).tracked(), Tensor([1, 3], [2]).tracked())
        let gradients = a.maximum(b).sum().backward()
        #expect(gradients[a]?.values == [0.5, 0] && gradients[b]?.values == [0.5, 1])
    }
}
