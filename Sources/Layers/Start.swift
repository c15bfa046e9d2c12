import BinderyTensors

/// How a parameter starts when no checkpoint gives its value.
public enum Start: Sendable, Hashable {
    /// Every element the same.
    case constant(Float)
    /// Uniform within ± bound.
    case uniform(Float)
    /// Normal around zero with this deviation.
    case normal(Float)

    /// All zeros.
    public static let zeros = Start.constant(0)
    /// All ones.
    public static let ones = Start.constant(1)

    /// Uniform within ± 1/√fanIn: PyTorch's default for linear and convolution layers, weights and biases alike
    /// (He and others 2015 with a = √5).
    public static func fanIn(_ fanIn: Int) -> Start { .uniform(1 / Float(max(fanIn, 1)).squareRoot()) }
}

extension Start {
    /// Values drawn from a stream that depends on the seed and the name alone, not on what else is drawn.
    func tensor(_ shape: [Int], seed: UInt64, name: String) -> Tensor {
        switch self {
        case .constant(let value): return .full(shape, value)
        case .uniform(let bound):
            var random = RandomSource(seed: seed).split(name)
            return random.uniform(shape, in: -bound...bound)
        case .normal(let deviation):
            var random = RandomSource(seed: seed).split(name)
            return random.normal(shape, deviation: deviation)
        }
    }
}
