import BinderyLayers
import BinderySearch
import BinderyTensors
import CKernels
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

    @Test(arguments: [
        [1, 1, 1, 1], [7, 5, 2, 10], [113, 37, 3, 6], [9000, 24, 5, 10], [17000, 8, 70, 3], [8300, 300, 1, 400],
    ])
    func findsWhatSortingFinds(sizes: [Int]) {
        defer { Instructions.avx512.limit() }
        let (rows, width, number, k) = (sizes[0], sizes[1], sizes[2], sizes[3])
        let (x, queries) = (Tensor.varied([rows, width], seed: 1), Tensor.varied([number, width], seed: 2))
        let expected = sorted(x, queries, k)
        for set in Instructions.allCases {
            set.limit()
            for coded in [true, false] {
                let found = VectorIndex(x, coded: coded).nearest(queries, k)
                #expect(found.map { $0.map(\.row) } == expected, "\(sizes) \(set) \(coded)")
            }
        }
    }

    @Test(arguments: [true, false]) func equalRowsComeInOrder(coded: Bool) {
        let x = Tensor((0..<100).flatMap { [Float($0 % 50 == 7 ? 2 : 1), 2, 3] }, [100, 3])
        let index = VectorIndex(x, coded: coded)
        let queries = Tensor([1, 1, 1, 0, 1, 0], [2, 3])
        #expect(index.nearest(queries, 6).map { $0.map(\.row) } == [[7, 57, 0, 1, 2, 3], [0, 1, 2, 3, 4, 5]])
        #expect(index.nearest(queries, 90)[0].map(\.row) == [7, 57] + (0..<89).filter { $0 != 7 && $0 != 57 } + [89])
        #expect(index.nearest(queries, 0) == [[], []])
        #expect(index.nearest(queries, 150)[0].count == 100)
    }

    /// Rows far from zero, of very different lengths, and with columns that outweigh the rest.
    @Test(arguments: 0..<3) func codesAgreeOnUnevenRows(kind: Int) {
        let (rows, width) = (3000, 70)
        var values = Tensor.varied([rows, width], seed: 7).values
        for row in 0..<rows {
            for column in 0..<width {
                switch kind {
                case 0: values[row * width + column] += 40
                case 1: values[row * width + column] *= Float(row % 100) * 0.01
                default: values[row * width + column] *= column % 30 == 3 ? 50 : 0.1
                }
            }
        }
        let x = Tensor(values, [rows, width])
        let queries = Tensor.varied([12, width], seed: 8)
        let (coded, plain) = (VectorIndex(x), VectorIndex(x, coded: false))
        for query in 0..<12 {
            let one = queries.slice(axis: 0, query..<query + 1)
            #expect(coded.nearest(one, 20) == plain.nearest(one, 20))
        }
    }

    /// What codes are for: few rows are left to read.
    @Test func codesRuleMostRowsOut() {
        let (count, width, k) = (20_000, 256, 10)
        let (x, query) = (Tensor.varied([count, width], seed: 9), Tensor.varied([1, width], seed: 10))
        let bytes = count * ck_coded_width(width)
        let measures = UnsafeMutablePointer<Float>.allocate(capacity: width + 3 * count)
        let codes = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes)
        defer {
            measures.deallocate()
            codes.deallocate()
        }
        var found = [Int](repeating: 0, count: k)
        var scores = [Float](repeating: 0, count: k)
        let read = x.values.withUnsafeBufferPointer { x in
            query.values.withUnsafeBufferPointer { query in
                guard let x = x.baseAddress, let query = query.baseAddress else { return count }
                var rows = ck_rows(single: x, half: nil, count: count, width: width)
                let scales = measures + width
                var parts = ck_codes(
                    middle: measures, codes: codes, scales: scales, errors: scales + count, norms: scales + 2 * count)
                ck_make_codes(&rows, &parts)
                return ck_top_k_codes(&parts, &rows, query, 1, k, &found, &scores)
            }
        }
        #expect(found == sorted(x, query, k)[0])
        #expect((k...300).contains(read))
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
        let x = Tensor(values, [600, width])
        let (coded, plainly) = (VectorIndex(x), VectorIndex(x, coded: false))
        let plain = Tensor.varied([1, width], seed: 6).values
        for factor in strange + [1, -1] {
            let query = Tensor(plain.map { $0 * factor }, [1, width])
            #expect(coded.nearest(query, 12) == plainly.nearest(query, 12), "times \(factor)")
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
        let rounded = Tensor(x.values.map { Float(Float16($0)) }, [300, 16])
        let queries = Tensor.varied([5, 16], seed: 4)
        for coded in [true, false] {
            let index = try VectorIndex(contentsOf: url, coded: coded)
            #expect(index.nearest(queries, 6).map { $0.map(\.row) } == sorted(rounded, queries, 6))
        }
    }
}
