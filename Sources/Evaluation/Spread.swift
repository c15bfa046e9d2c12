public import BinderyTensors

import Foundation

/// How far unit vectors are spread over their space.
public struct Spread: Hashable, Sendable {
    /// The mean cosine of two different vectors.
    public let meanCosine: Double
    /// How many directions the vectors fill around their mean: the exponential of the entropy of their singular values
    /// (Garrido and others 2023, RankMe).
    public let effectiveRank: Double
    /// The most it could be.
    public let fullRank: Int

    /// The spread of unit rows, [N, width], of which there are at least two.
    public init(_ vectors: Tensor) {
        let (count, width) = (vectors.shape[0], vectors.shape[1])
        precondition(count > 1, "Spread: \(count) vectors")
        let cosines = vectors.matmul(transposed: vectors).values
        let others = cosines.enumerated().filter { $0.offset % (count + 1) != 0 }
        meanCosine = others.reduce(0) { $0 + Double($1.element) } / Double(others.count)
        let centred = vectors - vectors.mean(axes: [0], keeping: true)
        let gram = centred.matmul(transposed: centred).values.map(Double.init)
        let singular = Spread.eigenvalues(gram, count).map { max($0, 0).squareRoot() }
        let sum = singular.reduce(0, +)
        let entropy = singular.reduce(0.0) { entropy, value in
            let share = value / max(sum, 1e-30)
            return share > 1e-12 ? entropy - share * log(share) : entropy
        }
        effectiveRank = sum > 1e-6 ? exp(entropy) : 0
        fullRank = min(count - 1, width)
    }

    /// The eigenvalues of a symmetric matrix, by Jacobi's rotations.
    static func eigenvalues(_ matrix: [Double], _ size: Int) -> [Double] {
        var a = matrix
        for _ in 0..<30 {
            var off = 0.0
            for row in 0..<size { for column in 0..<row { off += a[row * size + column] * a[row * size + column] } }
            guard off > 1e-24 else { break }
            for p in 0..<size {
                for q in p + 1..<size where abs(a[p * size + q]) > 1e-15 {
                    let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    rotate(&a, size, p, q, c, t * c)
                }
            }
        }
        return (0..<size).map { a[$0 * size + $0] }
    }

    private static func rotate(_ a: inout [Double], _ size: Int, _ p: Int, _ q: Int, _ c: Double, _ s: Double) {
        for k in 0..<size {
            let (x, y) = (a[k * size + p], a[k * size + q])
            (a[k * size + p], a[k * size + q]) = (c * x - s * y, s * x + c * y)
        }
        for k in 0..<size {
            let (x, y) = (a[p * size + k], a[q * size + k])
            (a[p * size + k], a[q * size + k]) = (c * x - s * y, s * x + c * y)
        }
    }
}
