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

    /// One position of the first axis, without it.
    func row(_ index: Int) -> Tensor { slice(axis: 0, index..<index + 1).reshaped(Array(shape.dropFirst())) }
}
