public import BinderyTensors
internal import CKernels

/// An index that first looks at its rows in one byte per number, with a proven bound on what that leaves open, and then
/// at the few full rows that the bound cannot rule out: the same neighbours as `VectorIndex`, a quarter of the reading.
public struct CodedIndex: Sendable {
    /// The index whose rows decide.
    public let index: VectorIndex
    private let vectors: Tensor
    private let codes: Storage
    private let measures: Storage

    /// Codes the rows of an index: a quarter more memory than float32 rows take.
    public init(_ index: VectorIndex) {
        self.index = index
        let vectors = index.vectors
        let (rows, width) = (index.count, index.width)
        let (codes, measures) = (Storage(count: (rows * width + 3) / 4), Storage(count: 3 * rows))
        withExtendedLifetime(vectors) {
            ck_make_codes(
                vectors.pointer, rows, width, codes.bytes, measures.floats, measures.floats + rows,
                measures.floats + 2 * rows)
        }
        (self.vectors, self.codes, self.measures) = (vectors, codes, measures)
    }

    /// The `k` rows with the greatest products with each row of `queries`, as `VectorIndex.nearest` finds them.
    public func nearest(_ queries: Tensor, _ k: Int) -> [[VectorIndex.Neighbour]] {
        index.found(queries, k) { queries, number, k, rows, scores in
            withExtendedLifetime((vectors, codes, measures)) {
                var coded = ck_codes(
                    codes: codes.bytes, scales: measures.floats, errors: measures.floats + index.count,
                    norms: measures.floats + 2 * index.count)
                ck_top_k_codes(
                    &coded, vectors.pointer, index.count, index.width, queries, number, k, rows, scores)
            }
        }
    }
}

extension Storage {
    fileprivate var bytes: UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(floats).assumingMemoryBound(to: Int8.self)
    }
}
