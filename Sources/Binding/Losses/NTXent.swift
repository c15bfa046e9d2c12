public import BinderyTensors

/// The normalised temperature-scaled cross-entropy of SimCLR (Chen and others 2020, equation 1): each of the 2N views finds
/// its other view among all views but itself.
public struct NTXent: ContrastiveLoss {
    /// The loss has no settings of its own.
    public init() {}

    /// The mean over the 2N views, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let count = batch.count
        let views = Tensor.concatenated([batch.a, batch.b], axis: 0)
        let logits = views.matmul(transposed: views) * batch.scale
        let partners = (batch.a * batch.b).sum(axes: [1]) * batch.scale
        let others = (logits + .farBelow(onDiagonalOf: 2 * count)).logSumExp(axis: 1)
        return others.mean() - partners.mean()
    }
}

extension Tensor {
    /// What takes the diagonal out of a softmax over rows when added: [count, count].
    static func farBelow(onDiagonalOf count: Int) -> Tensor { mask(count, count) { $0 == $1 } * -1e30 }
}
