extension Tensor {
    /// Placeholder until the broadcasting operations land.
    static func + (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.shape == b.shape, "+: shapes \(a.shape) and \(b.shape)")
        return Tensor(zip(a.values, b.values).map { $0 + $1 }, a.shape)
    }
}
