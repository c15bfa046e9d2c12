import BinderyTensors
import TestSupport
import Testing

/// 3 × 3 convolutions against sums in double precision, for every instruction set.
@Suite struct WinogradTests {
    struct Case: Sendable, CustomStringConvertible {
        let shape: [Int]
        let out: Int
        var padding = (1, 1)
        var description: String { "\(shape) to \(out), padding \(padding)" }
    }

    static let cases = [
        Case(shape: [2, 9, 7, 17], out: 16),
        Case(shape: [1, 1, 8, 20], out: 33),
        Case(shape: [1, 21, 2, 40], out: 70),
        Case(shape: [3, 6, 1, 16], out: 64),
        Case(shape: [1, 12, 11, 300], out: 40, padding: (0, 2)),
        Case(shape: [2, 13, 13, 70], out: 31, padding: (2, 0)),
        Case(shape: [2, 37, 16, 64], out: 64),
    ]

    @Test(arguments: cases) func agreesWithSums(c: Case) throws {
        defer { Instructions.avx512.limit() }
        let (rows, columns) = (c.shape[1] + 2 * c.padding.0 - 2, c.shape[2] + 2 * c.padding.1 - 2)
        let (x, w) = (Tensor.varied(c.shape, seed: 1), Tensor.varied([c.out, c.shape[3], 3, 3], seed: 2))
        let expected = convolutionSums(x, w, c.padding)
        let y = Tensor(expected.map { Float($0) }, [c.shape[0], rows, columns, c.out])
        let (scale, shift) = (Tensor.varied([c.out], 0.5...2, seed: 3), Tensor.varied([c.out], seed: 4))
        let g = Tensor.varied(y.shape, seed: 5)
        for set in Instructions.allCases {
            set.limit()
            let (tx, tw) = (x.tracked(), w.tracked())
            let found = tx.convolution2D(weight: tw, padding: c.padding)
            expectClose(found.detached(), y, relative: 2e-5, "\(c) \(set)")
            let gradients = (found * g).sum().backward()
            let (dx, dw) = try (#require(gradients[tx]), #require(gradients[tw]))
            // Both gradients through ⟨g, conv(x, w)⟩, which is linear in each.
            let (x2, w2) = (Tensor.varied(c.shape, seed: 6), Tensor.varied(w.shape, seed: 7))
            expectEqualProducts(dx, x2, g, convolutionSums(x2, w, c.padding), "\(c) \(set) data")
            expectEqualProducts(dw, w2, g, convolutionSums(x, w2, c.padding), "\(c) \(set) weight")

            let folded = PreparedConvolution(
                w, scale: scale, shift: shift, stride: (1, 1), padding: c.padding, for: x, sources: [w])
            let rectified = (y * scale + shift).relu()
            expectClose(folded(x, rectified: true), rectified, relative: 3e-5, "\(c) \(set) folded")
            expectClose(folded(x), y * scale + shift, relative: 3e-5, "\(c) \(set) not rectified")
            guard rows > 1, columns > 1 else { continue }
            expectClose(
                folded(x, rectified: true, pooled: true), rectified.averagePool2D(kernel: (2, 2)), relative: 3e-5,
                "\(c) \(set) pooled")
        }
    }

    /// A folded form serves other picture sizes too, and is stale when a source changes.
    @Test func foldedFormsKnowWhatTheyHoldFor() {
        let w = Tensor.varied([32, 16, 3, 3], seed: 8)
        let (one, zero) = (Tensor.ones([32]), Tensor.zeros([32]))
        let x = Tensor.varied([1, 8, 8, 16], seed: 9)
        let folded = PreparedConvolution(
            w, scale: one, shift: zero, stride: (1, 1), padding: (1, 1), for: x, sources: [w, one])
        #expect(folded.fits(x, sources: [w, one]))
        #expect(!folded.fits(x, sources: [w, Tensor.ones([32])]))
        let other = Tensor.varied([2, 5, 6, 16], seed: 10)
        expectClose(
            folded(other, rectified: true), other.convolution2D(weight: w, padding: (1, 1)).relu(), relative: 2e-5)
    }

    @Test func firstLayersOfOneChannelFoldToo() {
        let (x, w) = (Tensor.varied([2, 11, 6, 1], seed: 11), Tensor.varied([40, 1, 3, 3], seed: 12))
        let (scale, shift) = (Tensor.varied([40], 0.5...2, seed: 13), Tensor.varied([40], seed: 14))
        let expected = (x.convolution2D(weight: w, padding: (1, 1)) * scale + shift).relu()
        let folded = PreparedConvolution(
            w, scale: scale, shift: shift, stride: (1, 1), padding: (1, 1), for: x, sources: [])
        expectClose(folded(x, rectified: true), expected)
        expectClose(folded(x, rectified: true, pooled: true), expected.averagePool2D(kernel: (2, 2)))
    }
}
