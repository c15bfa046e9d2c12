public import BinderyTensors

/// Symmetric InfoNCE where a row may have several partners: their log-probabilities are averaged (Khosla and others 2020,
/// L_out, across two sides).
///
/// Rows of equal groups are partners of each other. Without groups it is `InfoNCE`. What recipes have that name no loss.
public struct MultiPositiveInfoNCE: ContrastiveLoss {
    /// The loss has no settings of its own.
    public init() {}

    /// The mean over rows and both directions, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let logits = batch.a.matmul(transposed: batch.b) * batch.scale
        let belonging = batch.belonging(true)
        // The relation is symmetric, so a row has as many partners as its column.
        let shares = belonging / belonging.sum(axes: [1], keeping: true)
        let partners = (logits * shares).sum(axes: [1])
        let backwards = (logits * shares.transposed()).sum(axes: [0])
        return ((logits.logSumExp(axis: 1) - partners) + (logits.logSumExp(axis: 0) - backwards)).mean() * 0.5
    }
}

extension PairBatch {
    /// The number of rows on each side.
    public var count: Int { a.shape[0] }

    /// 1 where row and column belong together, 0 elsewhere: [N, N].
    func belonging(_ usesGroups: Bool) -> Tensor {
        let groups = usesGroups ? self.groups : nil
        return Tensor.mask(count, count) { row, column in groups.map { $0[row] == $0[column] } ?? (row == column) }
    }
}

extension Tensor {
    /// 1 where `holds`, 0 elsewhere: [rows, columns].
    static func mask(_ rows: Int, _ columns: Int, where holds: (Int, Int) -> Bool) -> Tensor {
        Tensor(shape: [rows, columns]) { target in
            for row in 0..<rows {
                for column in 0..<columns { target[row * columns + column] = holds(row, column) ? 1 : 0 }
            }
        }
    }
}
