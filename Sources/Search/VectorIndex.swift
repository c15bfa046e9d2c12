public import BinderyLayers
public import BinderyTensors
internal import CKernels
public import Foundation

/// The rows of a matrix, [rows, width], searched exactly for the greatest products with queries.
///
/// Rows of unit length make that the cosine. A file is mapped, not read: rows in float32 or float16 stay as they are.
///
/// A few queries at a time look at codes first, six bits for every number, and then at the few rows that a proven bound
/// cannot rule out: the same neighbours for a fifth of the reading and a fifth more memory.
public struct VectorIndex: Sendable {
    /// A row that was found.
    public struct Neighbour: Hashable, Sendable {
        /// Which row.
        public let row: Int
        /// Its product with the query.
        public let score: Float

        /// A row with its score.
        public init(row: Int, score: Float) {
            self.row = row
            self.score = score
        }
    }

    private enum Rows: Sendable {
        case single(Tensor)
        case half(NumpyFile)
    }

    /// Above so many queries every row is multiplied with all of them in the cache, which costs less than codes do.
    private static let few = 16

    /// Where more than one of so many rows is wanted, codes would rule too few out.
    private static let coarse = 16

    /// How many rows there are.
    public let count: Int
    /// How long they are.
    public let width: Int
    private let rows: Rows
    private let codes: Codes.Later?

    /// The rows of a tensor [rows, width]; `coded`, the first search of a few queries makes codes of them, unless those
    /// took more than a quarter of the machine's memory.
    public init(_ vectors: Tensor, coded: Bool = true) {
        precondition(vectors.rank == 2, "VectorIndex: shape \(vectors.shape), expected [rows, width]")
        (count, width) = (vectors.shape[0], vectors.shape[1])
        rows = .single(vectors.detached())
        codes = coded ? Codes.Later(count, width) : nil
    }

    /// The rows of a matrix in a `.npy` file, `coded` as those of a tensor; throws when it holds something else.
    public init(contentsOf url: URL, coded: Bool = true) throws(NumpyError) {
        let file = try NumpyFile(contentsOf: url)
        guard file.shape.count == 2 else { throw NumpyError(url.path(percentEncoded: false), .notMatrix(file.shape)) }
        (count, width) = (file.shape[0], file.shape[1])
        rows = file.readHalves { _ in true } == true ? .half(file) : .single(file.tensor())
        codes = coded ? Codes.Later(count, width) : nil
    }

    /// The `k` rows with the greatest products with each row of `queries`, [queries, width], best first and of equal
    /// ones the lower row; fewer where there are fewer rows.
    public func nearest(_ queries: Tensor, _ k: Int) -> [[Neighbour]] {
        precondition(
            queries.rank == 2 && queries.shape[1] == width && k >= 0,
            "VectorIndex: queries \(queries.shape), rows of \(width)")
        let (number, k) = (queries.shape[0], min(k, count))
        guard number > 0, k > 0 else { return Array(repeating: [], count: number) }
        var found = [Int](repeating: 0, count: number * k)
        let scores = Tensor.make([number, k], from: queries) { scores, queries in
            found.withUnsafeMutableBufferPointer { found in
                guard let found = found.baseAddress else { return }
                withRows { rows in
                    if number <= Self.few, k <= count / Self.coarse, let codes = codes?.codes(of: rows) {
                        codes.read { _ = ck_top_k_codes($0, rows, queries, number, k, found, scores) }
                    } else {
                        ck_top_k(rows, queries, number, k, found, scores)
                    }
                }
            }
        }.values
        return (0..<number).map { query in
            (query * k..<(query + 1) * k).lazy.filter { found[$0] >= 0 }
                .map { Neighbour(row: found[$0], score: scores[$0]) }
        }
    }

    private func withRows(_ body: (UnsafePointer<ck_rows>) -> Void) {
        switch rows {
        case .single(let x):
            withExtendedLifetime(x) {
                var rows = ck_rows(single: x.pointer, half: nil, count: count, width: width)
                body(&rows)
            }
        case .half(let file):
            file.readHalves {
                var rows = ck_rows(single: nil, half: $0, count: count, width: width)
                body(&rows)
            }
        }
    }
}
