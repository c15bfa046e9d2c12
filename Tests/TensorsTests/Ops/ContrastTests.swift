import BinderyTensors
import TestSupport
import Testing

/// Losses in tiles against the same losses over whole matrices.
@Suite struct ContrastTests {
    private func naive(_ a: Tensor, _ b: Tensor, _ scale: Tensor) -> Tensor {
        let z = a.matmul(transposed: b) * scale
        let partners = (a * b).sum(axes: [1]) * scale
        return ((z.logSumExp(axis: 1) - partners) + (z.logSumExp(axis: 0) - partners)).mean() * 0.5
    }

    private func naive(_ a: Tensor, _ b: Tensor, _ scale: Tensor, _ bias: Tensor) -> Tensor {
        let z = a.matmul(transposed: b) * scale + bias
        let rows = a.shape[0]
        let signs = Tensor((0..<rows * rows).map { $0 / rows == $0 % rows ? 1 : -1 }, [rows, rows])
        return (-(z * signs)).softplus().sum() * (1 / Float(rows))
    }

    private func compare(
        _ name: String, _ points: [Tensor], _ fast: ([Tensor]) -> Tensor, _ plain: ([Tensor]) -> Tensor
    ) throws {
        let (left, right) = (points.map { $0.tracked() }, points.map { $0.tracked() })
        let (found, expected) = (fast(left), plain(right))
        expectClose(found.detached(), expected.detached(), relative: 1e-5, absolute: 1e-6, name)
        #expect(!fast(points).isTracked)
        let (ours, theirs) = ((found * 3).backward(), (expected * 3).backward())
        for (index, pair) in zip(left, right).enumerated() {
            let gradient = try #require(ours[pair.0])
            expectClose(
                gradient, try #require(theirs[pair.1]), relative: 2e-4, absolute: 1e-6, "\(name) input \(index)")
        }
    }

    @Test(arguments: [[2, 3], [5, 7], [300, 33], [460, 20], [1000, 16]], [Float(1), 14, 100])
    func equalsWholeMatrices(sizes: [Int], scale: Float) throws {
        defer { Instructions.avx512.limit() }
        let a = Tensor.varied(sizes, seed: 1).l2Normalized()
        let b = (a + Tensor.varied(sizes, seed: 2) * 0.5).l2Normalized()
        for set in Instructions.allCases {
            set.limit()
            try compare("InfoNCE \(sizes) \(scale) \(set)", [a, b, Tensor(scale)]) {
                .symmetricInfoNCE($0[0], $0[1], scale: $0[2])
            } _: {
                naive($0[0], $0[1], $0[2])
            }
            try compare("sigmoid \(sizes) \(scale) \(set)", [a, b, Tensor(scale), Tensor(-3)]) {
                .pairwiseSigmoid($0[0], $0[1], scale: $0[2], bias: $0[3])
            } _: {
                naive($0[0], $0[1], $0[2], $0[3])
            }
        }
    }

    /// One pair fits perfectly and all others not at all: sums over their columns lie far below the tile's greatest.
    @Test func columnsFarBelowTheTileKeepTheirSums() throws {
        var rows = [[Float]](repeating: [0, 0, 0, 1], count: 300)
        rows[7] = [1, 0, 0, 0]
        var others = [[Float]](repeating: [0, 0, 0, -1], count: 300)
        others[7] = [1, 0, 0, 0]
        let (a, b) = (Tensor(rows.flatMap { $0 }, [300, 4]), Tensor(others.flatMap { $0 }, [300, 4]))
        try compare("extreme", [a, b, Tensor(80)]) {
            .symmetricInfoNCE($0[0], $0[1], scale: $0[2])
        } _: {
            naive($0[0], $0[1], $0[2])
        }
    }
}
