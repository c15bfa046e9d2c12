public import BinderyTensors

import Foundation

/// The debiased contrastive loss (Chuang and others 2020, equation 8, one positive): what false negatives add to the
/// denominator is estimated from the positive and taken away.
///
/// Over the 2N views: −log(pos / (pos + g)), g = max((Σ neg − M τ⁺ pos) / (1 − τ⁺), M exp(−scale)), M = 2N − 2.
public struct Debiased: ContrastiveLoss {
    /// The probability τ⁺ that a random row is of the same class.
    public let positiveShare: Float

    /// Traps unless the share is from 0 to below 1.
    public init(positiveShare: Double = 0.1) {
        precondition((0..<1).contains(positiveShare), "debiased: positive share \(positiveShare), expected 0 ..< 1")
        self.positiveShare = Float(positiveShare)
    }

    /// The mean over the 2N views, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let count = batch.count
        let views = Tensor.concatenated([batch.a, batch.b], axis: 0)
        // All exponents are measured from the largest there can be, the scale, so that none overflows.
        let exponents = (views.matmul(transposed: views) - 1) * batch.scale
        let negatives = Tensor.mask(2 * count, 2 * count) { $0 != $1 && $0 % count != $1 % count }
        let partner = ((batch.a * batch.b).sum(axes: [1]) - 1) * batch.scale
        let positive = Tensor.concatenated([partner, partner], axis: 0)
        let number = Float(2 * count - 2)
        let sum = (exponents.exp() * negatives).sum(axes: [1])
        let estimate = (sum - positive.exp() * (number * positiveShare)) * (1 / (1 - positiveShare))
        let floor = (batch.scale * -2).exp() * number
        let rest = estimate.maximum(floor)
        return ((positive.exp() + rest).log() - positive).mean()
    }
}
