import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@Suite struct GridInterpolationTests {
    @Test(arguments: GridInterpolation.allCases, [(5, 7), (7, 5), (4, 4), (1, 6), (9, 1)])
    func keepsWhatIsEven(kind: GridInterpolation, sizes: (Int, Int)) {
        let weights = kind.weights(from: sizes.0, to: sizes.1)
        #expect(weights.shape == [sizes.1, sizes.0])
        expectClose(weights.sum(axes: [1]), .ones([sizes.1]), relative: 1e-6)
        // What is symmetric stays so.
        expectClose(weights.flipped(axis: 0).flipped(axis: 1), weights, relative: 1e-6)
    }

    /// Recorded with torch's `interpolate`, align_corners off.
    @Test func agreesWithTheReference() {
        let line = Tensor([1, 4, 2, 8, 5], [5, 1])
        let bicubic = line.interpolatedGrid(from: (5, 1), to: (3, 1), .bicubic)
        expectClose(bicubic, Tensor([2.055556, 2, 6.277778], [3, 1]), relative: 1e-6)
        let soft = line.interpolatedGrid(from: (5, 1), to: (3, 1), .bicubicAntialiased)
        expectClose(soft, Tensor([2.123077, 3.897674, 6.36923], [3, 1]), relative: 1e-6)
        let bilinear = line.interpolatedGrid(from: (5, 1), to: (3, 1), .bilinearAntialiased)
        expectClose(bilinear, Tensor([2.285714, 3.777778, 6.285714], [3, 1]), relative: 1e-6)
        let wider = line.interpolatedGrid(from: (1, 5), to: (2, 7), .bilinearAntialiased)
        expectClose(
            wider.slice(axis: 0, 0..<7), Tensor([1, 2.714286, 3.428571, 2, 6.285715, 6.714286, 5], [7, 1]),
            relative: 1e-6)
        expectClose(wider.slice(axis: 0, 7..<14), wider.slice(axis: 0, 0..<7), relative: 0)
    }
}
