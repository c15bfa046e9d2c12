public import BinderyTensors

/// Layer normalisation over the last axis (Ba and others 2016).
public struct LayerNorm: Sendable {
    /// [width].
    public let weight: Parameter
    /// [width].
    public let bias: Parameter
    let epsilon: Float

    /// Parameters `weight` and `bias` below `scope`.
    public init(_ scope: Scope, width: Int, epsilon: Float = 1e-5) {
        weight = scope("weight", width, start: .ones)
        bias = scope("bias", width, start: .zeros)
        self.epsilon = epsilon
    }

    /// [..., width] to the same shape.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(weight: weight(), bias: bias(), epsilon: epsilon)
    }
}

/// Batch normalisation over all axes but the last (Ioffe and Szegedy 2015), with PyTorch's conventions: the biased
/// variance normalises, the unbiased one enters the running statistics with momentum 0.1.
public struct BatchNorm: Sendable {
    /// [width].
    public let weight: Parameter
    /// [width].
    public let bias: Parameter
    /// [width], a buffer.
    public let runningMean: Parameter
    /// [width], a buffer.
    public let runningVariance: Parameter
    let epsilon: Float
    let momentum: Float

    /// Parameters `weight`, `bias`, `running_mean`, `running_var` below `scope`.
    public init(_ scope: Scope, width: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
        weight = scope("weight", width, start: .ones)
        bias = scope("bias", width, start: .zeros)
        runningMean = scope.buffer("running_mean", width, start: .zeros)
        runningVariance = scope.buffer("running_var", width, start: .ones)
        self.epsilon = epsilon
        self.momentum = momentum
    }

    /// [..., width] to the same shape.
    public func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        guard case .training(let step) = pass else {
            return x.batchNorm(
                mean: runningMean.value, variance: runningVariance.value, weight: weight(), bias: bias(),
                epsilon: epsilon)
        }
        let normalised = x.batchNorm(weight: weight(), bias: bias(), epsilon: epsilon)
        let rows = Float(max(x.count / max(weight.count, 1), 1))
        let share: Float =
            switch step.kind {
            case .training: momentum
            case .calibration(let batch): 1 / Float(batch + 1)
            }
        let unbiased = normalised.variance * (rows / max(rows - 1, 1))
        step.set(runningMean, to: runningMean.value * (1 - share) + normalised.mean * share)
        step.set(runningVariance, to: runningVariance.value * (1 - share) + unbiased * share)
        return normalised.output
    }
}
