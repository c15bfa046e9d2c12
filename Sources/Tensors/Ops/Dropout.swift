extension Tensor {
    /// Every element set to zero with probability `rate`, the others divided by 1 - `rate` (Srivastava 2014).
    ///
    /// The zeros are a function of `random`, so none are kept for the way back. Traps unless 0 ≤ rate < 1.
    public func dropout(rate: Float, random: inout RandomSource) -> Tensor {
        precondition(rate >= 0 && rate < 1, "dropout: rate \(rate), expected 0 ..< 1")
        guard rate > 0 else { return self }
        let drop = random.dropping(rate, of: count)
        // dx = g where x was kept, scaled alike
        return .operation(drop(self), from: self, pullback: drop)
    }
}
