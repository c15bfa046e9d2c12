import BinderyTensors
import Testing

/// Σ x · weight in double precision, channels last, for every place and output channel; stride 1.
func convolutionSums(_ x: Tensor, _ weight: Tensor, _ padding: (Int, Int)) -> [Double] {
    let (h, w, channels) = (x.shape[1], x.shape[2], x.shape[3])
    let (out, kernel) = (weight.shape[0], (weight.shape[2], weight.shape[3]))
    let (rows, columns) = (h + 2 * padding.0 - kernel.0 + 1, w + 2 * padding.1 - kernel.1 + 1)
    let taps = kernel.0 * kernel.1
    let (xs, ws) = (x.values.map(Double.init), weight.values.map(Double.init))
    var y = [Double](repeating: 0, count: x.shape[0] * rows * columns * out)
    for place in 0..<x.shape[0] * rows * columns {
        let (b, row, column) = (place / columns / rows, place / columns % rows, place % columns)
        for tap in 0..<taps {
            let (top, left) = (row - padding.0 + tap / kernel.1, column - padding.1 + tap % kernel.1)
            guard (0..<h).contains(top), (0..<w).contains(left) else { continue }
            let seen = ((b * h + top) * w + left) * channels
            for o in 0..<out {
                var sum = 0.0
                for i in 0..<channels { sum += xs[seen + i] * ws[(o * channels + i) * taps + tap] }
                y[place * out + o] += sum
            }
        }
    }
    return y
}

/// Expects ⟨a, b⟩ and ⟨g, y⟩ to be the same number: a gradient and the linear map it belongs to.
func expectEqualProducts(_ a: Tensor, _ b: Tensor, _ g: Tensor, _ y: [Double], _ note: String) {
    let left = zip(a.values, b.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let right = zip(g.values, y).reduce(0.0) { $0 + Double($1.0) * $1.1 }
    let size = zip(g.values, y).reduce(0.0) { $0 + (Double($1.0) * $1.1) * (Double($1.0) * $1.1) }
    #expect(abs(left - right) <= 1e-4 * size.squareRoot(), "\(note)")
}
