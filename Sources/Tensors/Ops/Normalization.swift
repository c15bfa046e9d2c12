internal import CKernels

extension Tensor {
    /// Rows of the last axis with mean 0 and variance 1, then scaled by `weight` and moved by `bias` (Ba 2016).
    ///
    /// The variance is divided by the width. Weight and bias hold one number per column.
    public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5) -> Tensor {
        let (rows, width) = rows("layerNorm")
        precondition(
            [weight, bias].allSatisfy { $0.map { $0.shape == [width] } ?? true },
            "layerNorm: weight \(weight?.shape ?? []), bias \(bias?.shape ?? []), expected [\(width)]")
        let x = detached()
        let w = weight?.detached()
        let mean = Storage(count: rows)
        let scale = Storage(count: rows)
        let y = Tensor.make(shape, from: x) { y, x in
            withExtendedLifetime((w, bias)) {
                ck_layer_norm(x, rows, width, w?.pointer, bias?.pointer, epsilon, y, mean.floats, scale.floats)
            }
        }
        let affine = [weight, bias].compactMap { $0 }
        let (hasWeight, hasBias) = (weight != nil, bias != nil)
        let (wantsX, wantsAffine) = (isTracked, affine.contains(where: \.isTracked))
        // n = (x - mean) scale, h = g weight:  dx = scale (h - mean(h) - n mean(h n)),  dweight = Σ g n,  dbias = Σ g
        return .operation(y, from: [self] + affine) { g in
            let dx =
                !wantsX
                ? nil
                : Tensor.make(x.shape, from: x, g) { dx, x, g in
                    withExtendedLifetime(w) {
                        ck_layer_norm_gradient(x, g, w?.pointer, mean.floats, scale.floats, rows, width, dx)
                    }
                }
            let sums =
                !wantsAffine
                ? nil
                : Tensor.make([2, width], from: x, g) { sums, x, g in
                    ck_norm_sums(x, g, mean.floats, scale.floats, false, rows, width, sums)
                }
            return [dx] + (hasWeight ? [sums?.row(0)] : []) + (hasBias ? [sums?.row(1)] : [])
        }
    }

    /// Every column of the last axis with mean 0 and variance 1 over all rows, then scaled by `weight` and moved by
    /// `bias` (Ioffe and Szegedy 2015); the form for training.
    ///
    /// Returns as well, for the running statistics, the mean and the variance divided by the number of rows; no
    /// gradient flows through those.
    public func batchNorm(
        weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5
    ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
        let (rows, width) = rows("batchNorm")
        let x = detached()
        let moments = Tensor.make([2, width], from: x) { ck_column_moments($1, rows, width, $0, $0 + width) }
        let (mean, variance) = (moments.row(0), moments.row(1))
        let y = batchNorm(mean, variance, weight, bias, epsilon) { g, sums, scale, weight in
            // n = (x - mean) scale:  dx = scale weight (g - mean(g) - n mean(g n))
            let factor = weight.map { $0 * scale } ?? scale
            let perRow = -1 / Float(rows)
            let (slope, shift) = (factor * scale * sums.row(0) * perRow, factor * sums.row(1) * perRow)
            return withExtendedLifetime((factor, slope, shift)) {
                .make(x.shape, from: x, g, mean) {
                    ck_column_combine(
                        $2, factor.pointer, $1, $3, slope.pointer, shift.pointer, rows, width, $0)
                }
            }
        }
        return (y, mean, variance)
    }

    /// Every column of the last axis normalised by a given mean and variance; the form for inference.
    public func batchNorm(
        mean: Tensor, variance: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5
    ) -> Tensor {
        batchNorm(mean.detached(), variance.detached(), weight, bias, epsilon) { g, _, scale, weight in
            // dx = scale weight g
            g * (weight.map { $0 * scale } ?? scale)
        }
    }

    private func batchNorm(
        _ mean: Tensor, _ variance: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ epsilon: Float,
        _ input: @escaping (_ g: Tensor, _ sums: Tensor, _ scale: Tensor, _ weight: Tensor?) -> Tensor
    ) -> Tensor {
        let (rows, width) = rows("batchNorm")
        precondition(
            [mean, variance, weight, bias].allSatisfy { $0.map { $0.shape == [width] } ?? true },
            "batchNorm: shape \(shape), expected statistics, weight and bias of [\(width)]")
        let x = detached()
        let w = weight?.detached()
        let scale = 1 / (variance + epsilon).sqrt()
        let factor = w.map { $0 * scale } ?? scale
        let y = withExtendedLifetime(bias) {
            Tensor.make(shape, from: x, mean, factor) { ck_column_affine($1, $2, $3, bias?.pointer, rows, width, $0) }
        }
        let (hasWeight, hasBias, wantsX) = (weight != nil, bias != nil, isTracked)
        // dweight = Σ g n,  dbias = Σ g
        return .operation(y, from: [self] + [weight, bias].compactMap { $0 }) { g in
            let sums = Tensor.make([2, width], from: x, g) { sums, x, g in
                withExtendedLifetime((mean, scale)) {
                    ck_norm_sums(x, g, mean.pointer, scale.pointer, true, rows, width, sums)
                }
            }
            return [wantsX ? input(g, sums, scale, w) : nil] + (hasWeight ? [sums.row(0)] : [])
                + (hasBias ? [sums.row(1)] : [])
        }
    }

    /// Rows of the last axis divided by their Euclidean length, or by `epsilon` where that is greater.
    public func l2Normalized(epsilon: Float = 1e-12) -> Tensor {
        let (rows, width) = rows("l2Normalized")
        let divisor = Storage(count: rows)
        let y = Tensor.make(shape, from: self) { ck_unit_rows($1, rows, width, epsilon, $0, divisor.floats) }
        // dx = (g - y Σ g y) / ‖x‖
        return .operation(y, from: self) { g in
            .make(g.shape, from: y, g) { ck_unit_rows_gradient($1, $2, divisor.floats, rows, width, $0) }
        }
    }

    /// One position of the first axis, without it.
    func row(_ index: Int) -> Tensor { slice(axis: 0, index..<index + 1).reshaped(Array(shape.dropFirst())) }
}
