public import BinderyTensors

/// The pairwise margin loss (Hadsell and others 2006, equation 4): partners attract, others repel up to a margin.
///
/// d²/2 for rows that belong together, max(0, margin − d)²/2 for all others.
public struct PairwiseMargin: ContrastiveLoss {
    /// The distance at which others stop repelling.
    public let margin: Float

    /// A loss with the given margin.
    public init(margin: Double = 1) { self.margin = Float(margin) }

    /// The mean over every row of one side with every row of the other, a scalar.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let count = batch.count
        let rows = (0..<count).flatMap { row in Array(repeating: row, count: count) }
        let columns = (0..<count).flatMap { _ in Array(0..<count) }
        let belonging = batch.belonging(true).values.map { $0 > 0 }
        return Self.loss(
            batch.a.gather(rows: rows), batch.b.gather(rows: columns), belonging: belonging, margin: Tensor(margin))
    }

    /// The mean over rows; [N, D] each, with whether the rows belong together.
    public static func loss(_ a: Tensor, _ b: Tensor, belonging: [Bool], margin: Tensor) -> Tensor {
        let distance = Triplet.distance(a, b, squared: false)
        let together = Tensor(belonging.map { $0 ? 1 : 0 }, [belonging.count])
        let repelled = (margin - distance).relu().square()
        return (distance.square() * together + repelled * (1 - together)).mean() * 0.5
    }
}
