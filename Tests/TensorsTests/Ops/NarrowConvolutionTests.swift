import BinderyTensors
import TestSupport
import Testing

/// Convolutions to few channels, against Σ x · weight in double precision, under every instruction set.
@Suite struct NarrowConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let shape: [Int]
        let weight: [Int]
        var padding = (0, 0)
        var testDescription: String { "\(shape) with \(weight), padding \(padding)" }
    }

    static let cases = [
        Case(shape: [2, 9, 11, 1], weight: [8, 1, 3, 3], padding: (1, 1)),
        Case(shape: [3, 70, 64, 8], weight: [8, 8, 3, 3], padding: (1, 1)),
        Case(shape: [1, 5, 4, 8], weight: [16, 8, 3, 3], padding: (1, 1)),
        Case(shape: [2, 6, 7, 32], weight: [16, 32, 3, 3], padding: (1, 1)),
        Case(shape: [2, 6, 1, 5], weight: [3, 5, 3, 1], padding: (2, 0)),
        Case(shape: [1, 1, 40, 16], weight: [13, 16, 1, 5], padding: (0, 2)),
        Case(shape: [2, 8, 9, 3], weight: [1, 3, 5, 2], padding: (0, 1)),
        Case(shape: [1, 3, 3, 7], weight: [9, 7, 3, 3]),
        Case(shape: [1, 2, 2, 4], weight: [10, 4, 3, 3], padding: (2, 2)),
        Case(shape: [0, 4, 4, 4], weight: [8, 4, 3, 3], padding: (1, 1)),
    ]

    @Test(arguments: cases) func agreesWithSums(_ it: Case) throws {
        let (x, w) = (Tensor.varied(it.shape, seed: 1), Tensor.varied(it.weight, seed: 2))
        let bias = Tensor.varied([it.weight[0]], seed: 3)
        let sums = convolutionSums(x, w, it.padding)
        let shape = [
            it.shape[0], it.shape[1] + 2 * it.padding.0 - it.weight[2] + 1,
            it.shape[2] + 2 * it.padding.1 - it.weight[3] + 1, it.weight[0],
        ]
        let y = Tensor(sums.map { Float($0) }, shape)
        let g = Tensor.varied(shape, seed: 4)
        defer { Instructions.avx512.limit() }
        for set in Instructions.allCases {
            set.limit()
            let (tx, tw) = (x.tracked(), w.tracked())
            let found = tx.convolution2D(weight: tw, bias: bias, padding: it.padding)
            expectClose(found.detached(), y + bias, relative: 2e-6, "\(set)")
            let gradients = (found * g).sum().backward()
            let (dx, dw) = try (#require(gradients[tx]), #require(gradients[tw]))
            // Both gradients through ⟨g, conv(x, w)⟩, which is linear in each.
            let (x2, w2) = (Tensor.varied(it.shape, seed: 6), Tensor.varied(it.weight, seed: 7))
            expectEqualProducts(dx, x2, g, convolutionSums(x2, w, it.padding), "\(set) data")
            expectEqualProducts(dw, w2, g, convolutionSums(x, w2, it.padding), "\(set) weight")
        }
    }
}
