import BinderyLayers
import BinderySearch
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct VectorIndexTests {
    /// Sorting all products, ties to the lower row.
    private func sorted(_ x: Tensor, _ queries: Tensor, _ k: Int) -> [[Int]] {
        let products = queries.matmul(transposed: x).values
        let rows = x.shape[0]
        return (0..<queries.shape[0]).map { q in
            let scores = products[q * rows..<(q + 1) * rows]
            return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(k).map { $0 - q * rows }
        }
    }

    @Test(arguments: [[1, 1, 1, 1], [7, 5, 2, 10], [113, 37, 3, 9], [9000, 24, 5, 10], [17000, 8, 70, 3]])
    func findsWhatSortingFinds(sizes: [Int]) {
        defer { Instructions.avx512.limit() }
        let (rows, width, number, k) = (sizes[0], sizes[1], sizes[2], sizes[3])
        let (x, queries) = (Tensor.varied([rows, width], seed: 1), Tensor.varied([number, width], seed: 2))
        let expected = sorted(x, queries, k)
        for set in Instructions.allCases {
            set.limit()
            let index = VectorIndex(x)
            #expect(index.nearest(queries, k).map { $0.map(\.row) } == expected, "\(sizes) \(set)")
            let coded = CodedIndex(index).nearest(queries, k)
            #expect(coded.map { $0.map(\.row) } == expected, "\(sizes) \(set) coded")
        }
    }

    @Test func equalRowsComeInOrder() {
        let x = Tensor((0..<40).flatMap { _ in [Float(1), 2, 3] }, [40, 3])
        let queries = Tensor([1, 1, 1, 0, 0, 0], [2, 3])
        for rows in [VectorIndex(x).nearest(queries, 4), CodedIndex(VectorIndex(x)).nearest(queries, 4)] {
            #expect(rows.map { $0.map(\.row) } == [[0, 1, 2, 3], [0, 1, 2, 3]])
        }
        #expect(VectorIndex(x).nearest(queries, 0) == [[], []])
        #expect(VectorIndex(x).nearest(queries, 50)[0].count == 40)
    }

    /// Codes rule nothing out where they say nothing: numbers without end, out of range, or none at all.
    @Test func codesAgreeOnStrangeRowsAndQueries() {
        let width = 20
        var values = Tensor.varied([600, width], seed: 5).values
        let strange: [Float] = [.nan, .infinity, -.infinity, 1e30, -1e30, 1e-30, .leastNonzeroMagnitude, 0]
        for (number, value) in strange.enumerated() {
            values[(7 + 60 * number) * width + number] = value
            for column in 0..<width { values[(31 + 60 * number) * width + column] = value }
        }
        let index = VectorIndex(Tensor(values, [600, width]))
        let coded = CodedIndex(index)
        let plain = Tensor.varied([1, width], seed: 6).values
        for factor in strange + [1, -1] {
            let query = Tensor(plain.map { $0 * factor }, [1, width])
            #expect(coded.nearest(query, 12) == index.nearest(query, 12), "times \(factor)")
        }
    }

    @Test func readsHalfPrecisionFromItsFile() throws {
        let x = Tensor.varied([300, 16], seed: 3)
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).npy")
        defer { try? FileManager.default.removeItem(at: url) }
        let head = "{'descr': '<f2', 'fortran_order': False, 'shape': (300, 16), }"
        let text = head + String(repeating: " ", count: 118 - head.count - 1) + "\n"
        var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8))
        for value in x.values {
            withUnsafeBytes(of: Float16(value).bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        try data.write(to: url)
        let index = try VectorIndex(contentsOf: url)
        let rounded = Tensor(x.values.map { Float(Float16($0)) }, [300, 16])
        let queries = Tensor.varied([5, 16], seed: 4)
        #expect(index.nearest(queries, 6).map { $0.map(\.row) } == sorted(rounded, queries, 6))
        #expect(CodedIndex(index).nearest(queries, 6).map { $0.map(\.row) } == sorted(rounded, queries, 6))
    }
}
