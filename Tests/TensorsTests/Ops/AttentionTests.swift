import BinderyTensors
import TestSupport
import Testing

@Suite struct AttentionTests {
    private func composed(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ scale: Float) -> Tensor {
        let scores = q.matmul(transposed: k) * scale
        return (mask.map { scores + $0 } ?? scores).softmax().matmul(v)
    }

    private func triangle(_ n: Int) -> Tensor {
        Tensor((0..<n * n).map { $0 % n <= $0 / n ? 0 : -.infinity }, [n, n])
    }

    private static let cases: [(q: [Int], k: [Int], v: [Int], mask: [Int]?)] = [
        ([2, 3, 4, 5], [2, 3, 6, 5], [2, 3, 6, 2], nil), ([2, 3, 4, 5], [2, 3, 6, 5], [2, 3, 6, 2], [6]),
        ([2, 3, 4, 5], [2, 3, 6, 5], [2, 3, 6, 2], [2, 1, 1, 6]),
        ([2, 3, 4, 5], [2, 3, 6, 5], [2, 3, 6, 2], [3, 4, 6]),
        ([4, 2], [1, 2], [1, 3], nil), ([1, 4, 2], [1, 3, 2], [1, 3, 2], [1, 4, 3]),
        ([0, 4, 2], [0, 3, 2], [0, 3, 2], nil),
        ([2, 1, 1, 3], [2, 1, 1, 3], [2, 1, 1, 3], [2, 1, 1, 1]),
    ]

    @Test(arguments: cases.indices) func agreesWithItsParts(index: Int) {
        let (qShape, kShape, vShape, maskShape) = Self.cases[index]
        let q = Tensor.varied(qShape, -2...2, seed: 91)
        let k = Tensor.varied(kShape, -2...2, seed: 92)
        let v = Tensor.varied(vShape, seed: 93)
        let mask = maskShape.map { Tensor.varied($0, -2...2, seed: 94) }
        let scale = 1 / Float(qShape[qShape.count - 1]).squareRoot()
        expectClose(Tensor.attention(q, k, v, mask: mask), composed(q, k, v, mask, scale))
        expectClose(Tensor.attention(q.tracked(), k, v, mask: mask, scale: 0.3), composed(q, k, v, mask, 0.3))
        expectGradient(at: [q, k, v] + (mask.map { [$0] } ?? [])) {
            Tensor.attention($0[0], $0[1], $0[2], mask: $0.count > 3 ? $0[3] : nil, scale: 0.7)
        }
    }

    @Test func causalRowsSeeWhatCameBefore() {
        for (batch, n) in [([2, 2], 5), ([], 1), ([1], 1030)] {
            let (q, k) = (Tensor.varied(batch + [n, 4], seed: 95), Tensor.varied(batch + [n, 4], seed: 96))
            let v = Tensor.varied(batch + [n, 3], seed: 97)
            let padding = Tensor((0..<n).map { $0 % 3 == 2 ? -.infinity : 0 }, [n])
            expectClose(Tensor.attention(q, k, v, causal: true), composed(q, k, v, triangle(n), 0.5))
            expectClose(
                Tensor.attention(q, k, v, mask: padding, causal: true), composed(q, k, v, triangle(n) + padding, 0.5))
            guard n < 10 else { continue }
            expectGradient(at: [q, k, v]) { Tensor.attention($0[0], $0[1], $0[2], causal: true) }
        }
    }

    @Test func causalRowsSeeMoreWhereThereAreMoreColumns() {
        let (q, k, v) = (
            Tensor.varied([3, 2], seed: 97), Tensor.varied([5, 2], seed: 98), Tensor.varied([5, 4], seed: 99)
        )
        let mask = Tensor((0..<15).map { $0 % 5 <= $0 / 5 + 2 ? 0 : -.infinity }, [3, 5])
        expectClose(
            Tensor.attention(q, k, v, causal: true, scale: 1), Tensor.attention(q, k, v, mask: mask, scale: 1))
    }

    @Test func aRowThatSeesNothingGivesZeros() {
        let mask = Tensor([-.infinity, -.infinity, 0, 0], [2, 2])
        let x = Tensor.varied([2, 3], seed: 98).tracked()
        let y = Tensor.attention(x, x, x, mask: mask)
        #expect(y.slice(axis: 0, 0..<1).values == [0, 0, 0])
        #expect(y.sum().backward()[x]?.values.allSatisfy(\.isFinite) == true)
    }
}
