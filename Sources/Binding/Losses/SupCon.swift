public import BinderyTensors

/// Supervised contrastive loss, L_out (Khosla and others 2020, equation 2): all views of a group are positives of each other.
public struct SupCon: ContrastiveLoss {
    /// The loss has no settings of its own.
    public init() {}

    /// The loss over both views of every row, a scalar; rows without a group are groups of their own.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let groups = batch.groups ?? Array(0..<batch.count)
        return Self.loss(
            of: Tensor.concatenated([batch.a, batch.b], axis: 0), groups: groups + groups, scale: batch.scale)
    }

    /// The loss of unit rows [N, D] with one group each; rows that are alone in their group do not count, and if all are
    /// the loss is 0.
    public static func loss(of x: Tensor, groups: [Int], scale: Tensor) -> Tensor {
        let count = x.shape[0]
        precondition(groups.count == count, "SupCon: \(groups.count) groups for \(count) rows")
        let positives = Tensor.mask(count, count) { $0 != $1 && groups[$0] == groups[$1] }
        let partners = positives.sum(axes: [1]).values
        let anchors = partners.filter { $0 > 0 }.count
        let logits = x.matmul(transposed: x) * scale
        let weights = Tensor(partners.map { $0 > 0 ? 1 / (Float(max(anchors, 1)) * $0) : 0 }, [count, 1])
        let others = (logits + .farBelow(onDiagonalOf: count)).logSumExp(axis: 1, keeping: true)
        return ((others - logits) * (positives * weights)).sum()
    }
}
