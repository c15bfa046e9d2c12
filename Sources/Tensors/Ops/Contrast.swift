internal import CKernels

extension Tensor {
    /// The symmetric cross-entropy of matching the rows of a with those of b, (CE(z) + CE(zᵀ)) / 2 with
    /// z = scale · a bᵀ, tile by tile: memory grows with the rows, not with their square.
    package static func symmetricInfoNCE(_ a: Tensor, _ b: Tensor, scale: Tensor) -> Tensor {
        contrast(ck_symmetric_infonce, a, b, scale, nil)
    }

    /// Σᵢⱼ log(1 + exp(-yᵢⱼ zᵢⱼ)) / rows with z = scale · a bᵀ + bias and y = 1 for partners, -1 for all others, tile by
    /// tile.
    package static func pairwiseSigmoid(_ a: Tensor, _ b: Tensor, scale: Tensor, bias: Tensor?) -> Tensor {
        contrast(ck_pairwise_sigmoid, a, b, scale, bias)
    }

    private static func contrast(
        _ loss: ck_contrast_loss, _ a: Tensor, _ b: Tensor, _ scale: Tensor, _ bias: Tensor?
    ) -> Tensor {
        precondition(
            a.rank == 2 && a.shape == b.shape && a.shape[0] > 0, "contrast: shapes \(a.shape) and \(b.shape)")
        let inputs = [a, b, scale] + [bias].compactMap { $0 }
        let (x, y) = (a.detached(), b.detached())
        let (rows, width) = (a.shape[0], a.shape[1])
        let (scaleShape, biasShape) = (scale.shape, bias?.shape)
        let (factor, offset) = (scale.item, bias?.item ?? 0)
        // z itself is kept for the way back while it is small.
        let size = ck_contrast_kept_count(rows)
        let kept = size <= 72 << 20 && inputs.contains(where: \.isTracked) ? Storage(count: size) : nil
        let sums = Storage(count: 2 * rows)
        let run = { (body: (inout ck_contrast) -> Double) -> Double in
            withExtendedLifetime((x, y, kept, sums)) {
                var contrast = ck_contrast(
                    loss: loss, rows: rows, width: width, a: x.pointer, b: y.pointer, scale: factor, bias: offset,
                    kept: kept?.floats, row_sums: sums.floats, column_sums: sums.floats + rows)
                return body(&contrast)
            }
        }
        let value = run { ck_contrast_forward(&$0) }
        return .operation(Tensor(Float(value)), from: inputs) { g in
            let (da, db) = (Storage(count: rows * width), Storage(count: rows * width))
            let dbias = run { ck_contrast_backward(&$0, g.item, da.floats, db.floats) }
            let left = Tensor(storage: da, shape: [rows, width])
            // Σ a · da is Σ z dz without the bias: scale times the gradient of the scale.
            let dscale = (left * x).sum() * (factor == 0 ? 0 : 1 / factor)
            return [left, Tensor(storage: db, shape: [rows, width]), dscale.reshaped(scaleShape)]
                + (biasShape.map { [Tensor(Float(dbias)).reshaped($0)] } ?? [])
        }
    }
}
