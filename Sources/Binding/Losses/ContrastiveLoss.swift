public import BinderyTensors

/// Two embedded batches whose equal rows belong together.
public struct PairBatch {
    /// Unit rows, [N, width].
    public let a: Tensor
    /// Unit rows, [N, width].
    public let b: Tensor
    /// What multiplies the cosine, a scalar.
    public let scale: Tensor
    /// What is added to the logits, a scalar, where the pair has one.
    public let bias: Tensor?
    /// Rows of equal groups belong together too, where groups are known; [N].
    public let groups: [Int]?

    /// A batch; traps unless `a` and `b` have the same shape [N, width].
    public init(a: Tensor, b: Tensor, scale: Tensor, bias: Tensor? = nil, groups: [Int]? = nil) {
        precondition(a.rank == 2 && a.shape == b.shape, "pair batch: shapes \(a.shape) and \(b.shape)")
        precondition(groups.map { $0.count == a.shape[0] } ?? true, "pair batch: one group per row")
        self.a = a
        self.b = b
        self.scale = scale
        self.bias = bias
        self.groups = groups
    }
}

/// A number that is small when rows that belong together are near and all others are far.
public protocol ContrastiveLoss: Sendable {
    /// The loss of a batch, a scalar.
    func callAsFunction(_ batch: PairBatch) -> Tensor
}
