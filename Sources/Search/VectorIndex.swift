public import BinderyLayers
public import BinderyTensors
internal import CKernels
public import Foundation

/// The rows of a matrix, [rows, width], searched exactly for the greatest products with queries.
///
/// Rows of unit length make that the cosine. A file is mapped, not read: rows in float32 or float16 stay as they are.
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

    /// How many rows there are.
    public let count: Int
    /// How long they are.
    public let width: Int
    private let rows: Rows

    /// The rows of a tensor [rows, width].
    public init(_ vectors: Tensor) {
        precondition(vectors.rank == 2, "VectorIndex: shape \(vectors.shape), expected [rows, width]")
        (count, width) = (vectors.shape[0], vectors.shape[1])
        rows = .single(vectors.detached())
    }

    /// The rows of a matrix in a `.npy` file; throws when it holds something else.
    public init(contentsOf url: URL) throws(NumpyError) {
        let file = try NumpyFile(contentsOf: url)
        guard file.shape.count == 2 else { throw NumpyError(url.path(percentEncoded: false), .notMatrix(file.shape)) }
        (count, width) = (file.shape[0], file.shape[1])
        rows = file.readHalves { _ in true } == true ? .half(file) : .single(file.tensor())
    }

    /// The `k` rows with the greatest products with each row of `queries`, [queries, width], best first and of equal
    /// ones the lower row; fewer where there are fewer rows.
    public func nearest(_ queries: Tensor, _ k: Int) -> [[Neighbour]] {
        found(queries, k) { queries, number, k, rows, scores in
            switch self.rows {
            case .single(let x):
                withExtendedLifetime(x) { ck_top_k(x.pointer, count, width, queries, number, k, rows, scores) }
            case .half(let file):
                file.readHalves { ck_top_k_half($0, count, width, queries, number, k, rows, scores) }
            }
        }
    }

    /// All rows as floats: those of a file in float32 without copying them.
    var vectors: Tensor {
        switch rows {
        case .single(let x): x
        case .half(let file): file.tensor()
        }
    }

    func found(
        _ queries: Tensor, _ k: Int,
        _ search: (UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Int>, UnsafeMutablePointer<Float>) -> Void
    ) -> [[Neighbour]] {
        precondition(
            queries.rank == 2 && queries.shape[1] == width && k >= 0,
            "VectorIndex: queries \(queries.shape), rows of \(width)")
        let (number, k) = (queries.shape[0], min(k, count))
        guard number > 0, k > 0 else { return Array(repeating: [], count: number) }
        var rows = [Int](repeating: 0, count: number * k)
        let scores = Tensor.make([number, k], from: queries) { scores, queries in
            rows.withUnsafeMutableBufferPointer { rows in
                if let rows = rows.baseAddress { search(queries, number, k, rows, scores) }
            }
        }.values
        return (0..<number).map { query in
            (query * k..<(query + 1) * k).lazy.filter { rows[$0] >= 0 }
                .map { Neighbour(row: rows[$0], score: scores[$0]) }
        }
    }
}
