public import BinderyTensors

/// The symmetric cross-entropy of matching each row with its partner among all rows of the other side.
///
/// The loss is (CE(z) + CE(zᵀ)) / 2 with z = scale · a bᵀ; the partner alone counts as right, whatever the groups
/// (van den Oord and others 2018; Radford and others 2021, figure 3).
public struct InfoNCE: ContrastiveLoss {
    /// The loss has no settings of its own.
    public init() {}

    /// The mean over rows and both directions, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        // From here on the matrix of all pairs is not worth its memory.
        if batch.count >= 256 { return .symmetricInfoNCE(batch.a, batch.b, scale: batch.scale) }
        let logits = batch.a.matmul(transposed: batch.b) * batch.scale
        let partners = (batch.a * batch.b).sum(axes: [1]) * batch.scale
        let rows = logits.logSumExp(axis: 1) - partners
        let columns = logits.logSumExp(axis: 0) - partners
        return (rows + columns).mean() * 0.5
    }
}
