public import BinderyTensors

/// The triplet loss (Schroff and others 2015): a partner must be nearer than any other row by a margin.
public struct Triplet: ContrastiveLoss {
    /// How much nearer.
    public let margin: Float
    /// Whether distances are squared.
    public let squared: Bool

    /// A loss with the given margin.
    public init(margin: Double = 0.2, squared: Bool = false) {
        self.margin = Float(margin)
        self.squared = squared
    }

    /// The mean over every row with every row that does not belong to it, a scalar; 0 when there is none.
    public func callAsFunction(_ batch: PairBatch) -> Tensor {
        let count = batch.count
        let others = Tensor.mask(count, count) { row, column in
            batch.groups.map { $0[row] != $0[column] } ?? (row != column)
        }
        let number = others.sum().item
        guard number > 0 else { return (batch.a * 0).sum() }
        let squares = (2 - batch.a.matmul(transposed: batch.b) * 2).maximum(Tensor(1e-12))
        let all = squared ? squares : squares.sqrt()
        let own = Self.distance(batch.a, batch.b, squared: squared).reshaped([count, 1])
        return ((own - all + margin).relu() * others).sum() * (1 / number)
    }

    /// The mean over rows of max(0, |a − p| − |a − n| + margin); [N, D] each.
    public static func loss(
        anchor: Tensor, positive: Tensor, negative: Tensor, margin: Tensor, squared: Bool = false
    ) -> Tensor {
        (distance(anchor, positive, squared: squared) - distance(anchor, negative, squared: squared) + margin)
            .relu().mean()
    }

    static func distance(_ a: Tensor, _ b: Tensor, squared: Bool) -> Tensor {
        let squares = (a - b).square().sum(axes: [1])
        return squared ? squares : squares.distance()
    }
}

extension Tensor {
    /// The square root where it is above zero, with gradient 0 where it is zero.
    func distance() -> Tensor {
        let isZero = Tensor(shape: shape) { target in
            read { source in for index in source.indices { target[index] = source[index] > 0 ? 0 : 1 } }
        }
        return (self + isZero).sqrt() - isZero
    }
}
