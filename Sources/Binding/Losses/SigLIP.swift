public import BinderyTensors

/// The pairwise sigmoid loss: every pair of rows is a yes-or-no question of its own (Zhai and others 2023, equation 1).
///
/// The loss is −Σᵢⱼ log σ(yᵢⱼ zᵢⱼ) / N with z = scale · a bᵀ + bias, y = 1 where rows belong together and −1 elsewhere.
public struct SigLIP: ContrastiveLoss {
    /// Whether rows of equal groups count as belonging together, besides partners.
    public let usesGroups: Bool

    /// Partners alone belong together unless groups are to be used.
    public init(usesGroups: Bool = false) { self.usesGroups = usesGroups }

    /// Summed over all pairs and divided by the rows, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        // From here on the matrix of all pairs is not worth its memory.
        if batch.count >= 256, !usesGroups || batch.groups == nil {
            return .pairwiseSigmoid(batch.a, batch.b, scale: batch.scale, bias: batch.bias)
        }
        let cosine = batch.a.matmul(transposed: batch.b) * batch.scale
        let logits = batch.bias.map { cosine + $0 } ?? cosine
        let signs = batch.belonging(usesGroups) * 2 - 1
        return (-(logits * signs)).softplus().sum() * (1 / Float(batch.count))
    }
}
