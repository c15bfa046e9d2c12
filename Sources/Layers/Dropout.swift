public import BinderyTensors

/// Zeroes each element with probability `rate` in training and scales the rest by 1 / (1 - rate) (Srivastava and others
/// 2014); does nothing otherwise.
public struct Dropout: Sendable {
    let rate: Float
    let path: String

    /// Draws from the random stream named after `scope`; has no parameters.
    public init(_ scope: Scope, rate: Double) {
        self.rate = Float(rate)
        path = scope.path
    }

    /// Whether it changes anything in this pass.
    func acts(in pass: Pass) -> Bool {
        guard rate > 0, case .training(let step) = pass, case .training = step.kind else { return false }
        return true
    }

    /// The same shape.
    public func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        guard rate > 0, case .training(let step) = pass, case .training = step.kind else { return x }
        var random = step.random(for: path)
        return x.dropout(rate: rate, random: &random)
    }
}
