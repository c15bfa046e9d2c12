public import BinderyTensors

/// Takes the mean of the data away and divides by its deviation, as one pass over them found both.
///
/// Unlike batch norm it learns nothing and never follows the batch: until a calibrating pass has set its buffers it
/// changes nothing.
public struct Standardization: Sendable {
    /// [width], a buffer: the mean of the data.
    public let mean: Parameter
    /// [width], a buffer: the mean of their squares.
    public let meanSquare: Parameter

    /// Buffers `mean` and `mean_square` below `scope`: one number for each place of the last axis, or one for all.
    public init(_ scope: Scope, width: Int) {
        mean = scope.buffer("mean", width, start: .zeros)
        meanSquare = scope.buffer("mean_square", width, start: .ones)
    }

    /// [width]: the deviation of the data.
    public var deviation: Tensor { deviation(mean.value, meanSquare.value) }

    /// [..., width], or any shape where the width is 1, to the same shape.
    public func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        if case .training(let step) = pass, case .calibration(let batch) = step.kind {
            let share = 1 / Float(batch + 1)
            step.set(mean, to: mean.value * (1 - share) + average(x) * share)
            step.set(meanSquare, to: meanSquare.value * (1 - share) + average(x * x) * share)
            return (x - average(x)) / deviation(average(x), average(x * x))
        }
        return (x - mean.value) / deviation
    }

    /// The mean over all axes but the last, or over all of them, [width].
    private func average(_ x: Tensor) -> Tensor {
        let width = mean.count
        return x.reshaped([x.count / width, width]).mean(axes: [0])
    }

    /// √(mean of squares − square of the mean), never below a thousandth of what it is taken from.
    private func deviation(_ mean: Tensor, _ meanSquare: Tensor) -> Tensor {
        let variance = meanSquare - mean * mean
        return variance.maximum(meanSquare * 1e-6 + 1e-12).sqrt()
    }
}
