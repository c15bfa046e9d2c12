import BinderyTensors
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    private struct Case: Sendable, CustomStringConvertible {
        let shape, weight: [Int]
        var stride = (1, 1), padding = (0, 0), dilation = (1, 1)
        var groups = 1
        var description: String { "\(shape) \(weight) stride \(stride) padding \(padding) groups \(groups)" }
    }

    private static let cases = [
        Case(shape: [2, 5, 6, 3], weight: [4, 3, 3, 3], padding: (1, 1)),
        Case(shape: [2, 5, 6, 3], weight: [4, 3, 3, 2], stride: (2, 1), padding: (1, 0)),
        Case(shape: [1, 7, 7, 2], weight: [3, 2, 3, 3], padding: (2, 1), dilation: (2, 1)),
        Case(shape: [1, 7, 7, 2], weight: [3, 2, 3, 3], stride: (2, 2), padding: (2, 2), dilation: (1, 2)),
        Case(shape: [1, 4, 4, 1], weight: [2, 1, 1, 1]),
        Case(shape: [2, 3, 4, 5], weight: [3, 5, 1, 1]),
        Case(shape: [2, 4, 4, 5], weight: [3, 5, 1, 1], stride: (2, 2)),
        Case(shape: [2, 4, 6, 3], weight: [5, 3, 2, 2], stride: (2, 2)),
        Case(shape: [1, 4, 5, 4], weight: [6, 2, 3, 3], padding: (1, 1), groups: 2),
        Case(shape: [1, 5, 5, 4], weight: [6, 2, 3, 3], stride: (2, 2), padding: (1, 1), groups: 2),
        Case(shape: [2, 4, 5, 4], weight: [4, 2, 1, 1], groups: 2),
        Case(shape: [2, 5, 5, 6], weight: [6, 1, 3, 3], padding: (1, 1), groups: 6),
        Case(shape: [2, 6, 5, 3], weight: [3, 1, 5, 3], stride: (2, 1), padding: (2, 1), groups: 3),
        Case(shape: [1, 4, 4, 2], weight: [4, 1, 3, 3], padding: (1, 1), groups: 2),
        Case(shape: [1, 3, 3, 2], weight: [2, 2, 2, 2], padding: (3, 3)),
        Case(shape: [0, 3, 3, 2], weight: [2, 2, 2, 2]),
    ]

    private func naive(_ x: Tensor, _ w: Tensor, _ bias: Tensor, _ c: Case) -> Tensor {
        let (out, channels, kh, kw) = (c.weight[0], c.weight[1], c.weight[2], c.weight[3])
        let (h, width) = (c.shape[1], c.shape[2])
        let rows = (h + 2 * c.padding.0 - c.dilation.0 * (kh - 1) - 1) / c.stride.0 + 1
        let columns = (width + 2 * c.padding.1 - c.dilation.1 * (kw - 1) - 1) / c.stride.1 + 1
        let (xs, ws, bs) = (x.values, w.values, bias.values)
        var y: [Float] = []
        for b in 0..<c.shape[0] {
            for (row, column) in (0..<rows * columns).map({ ($0 / columns, $0 % columns) }) {
                for o in 0..<out {
                    var sum = Double(bs[o])
                    let first = o / (out / c.groups) * channels
                    for (i, k) in (0..<channels * kh * kw).map({ ($0 / (kh * kw), $0 % (kh * kw)) }) {
                        let top = row * c.stride.0 - c.padding.0 + k / kw * c.dilation.0
                        let left = column * c.stride.1 - c.padding.1 + k % kw * c.dilation.1
                        guard (0..<h).contains(top), (0..<width).contains(left) else { continue }
                        sum +=
                            Double(xs[((b * h + top) * width + left) * c.shape[3] + first + i])
                            * Double(ws[(o * channels + i) * kh * kw + k])
                    }
                    y.append(Float(sum))
                }
            }
        }
        return Tensor(y, [c.shape[0], rows, columns, out])
    }

    @Test(arguments: cases.indices) func agreesWithLoops(index: Int) {
        let c = Self.cases[index]
        let (x, w) = (Tensor.varied(c.shape, seed: 101), Tensor.varied(c.weight, seed: 102))
        let bias = Tensor.varied([c.weight[0]], seed: 103)
        let convolve = { (x: Tensor, w: Tensor, bias: Tensor?) in
            x.convolution2D(
                weight: w, bias: bias, stride: c.stride, padding: c.padding, dilation: c.dilation, groups: c.groups)
        }
        expectClose(convolve(x, w, bias), naive(x, w, bias, c), "\(c)")
        expectClose(convolve(x, w, nil) + bias, naive(x, w, bias, c), "\(c)")
        expectGradient(at: [x, w, bias], "\(c)") { convolve($0[0], $0[1], $0[2]) }
        expectGradient(at: [x, w], "\(c) without bias") { convolve($0[0], $0[1], nil) }
    }

    /// Large enough for many tiles, chunks and pieces; the gradients are checked through ⟨g, conv(x, w)⟩, which is
    /// linear in each.
    @Test(arguments: [
        Case(shape: [3, 40, 33, 8], weight: [20, 8, 3, 3], padding: (1, 1)),
        Case(shape: [2, 20, 17, 40], weight: [70, 40, 3, 3], stride: (2, 2), padding: (1, 1)),
        Case(shape: [2, 12, 12, 64], weight: [130, 64, 3, 3], padding: (1, 1)),
        Case(shape: [1, 6, 5, 96], weight: [300, 96, 3, 3], padding: (1, 1)),
        Case(shape: [2, 30, 30, 150], weight: [150, 1, 3, 3], padding: (1, 1), groups: 150),
    ]) private func largeOnes(c: Case) throws {
        let (x, w) = (Tensor.varied(c.shape, seed: 104).tracked(), Tensor.varied(c.weight, seed: 105).tracked())
        let bias = Tensor.zeros([c.weight[0]])
        let y = x.convolution2D(weight: w, stride: c.stride, padding: c.padding, groups: c.groups)
        expectClose(y, naive(x, w, bias, c), "\(c)")
        let g = Tensor.varied(y.shape, seed: 106)
        let found = (y * g).sum().backward()
        let (dx, dw) = try (#require(found[x]), #require(found[w]))
        let (x2, w2) = (Tensor.varied(c.shape, seed: 107), Tensor.varied(c.weight, seed: 108))
        func inner(_ a: Tensor, _ b: Tensor) -> Double {
            zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let scale = Double(y.count).squareRoot()
        #expect(abs(inner(dx, x2) - inner(g, naive(x2, w, bias, c))) < 2e-3 * scale, "\(c) data")
        #expect(abs(inner(dw, w2) - inner(g, naive(x, w2, bias, c))) < 2e-3 * scale, "\(c) weight")
    }

    @Test func sequencesAreOneRowHigh() {
        let x = Tensor.varied([2, 9, 3], seed: 109)
        let w = Tensor.varied([4, 3, 3], seed: 110)
        let y = x.convolution1D(weight: w, stride: 2, padding: 1)
        #expect(y.shape == [2, 5, 4])
        let same = x.reshaped([2, 1, 9, 3]).convolution2D(
            weight: w.reshaped([4, 3, 1, 3]), stride: (1, 2), padding: (0, 1))
        #expect(y.values == same.values)
        expectGradient(at: [x, w]) { $0[0].convolution1D(weight: $0[1], stride: 2, padding: 1) }
    }
}
