internal import CKernels

/// A convolution with the per-channel scale and shift that follow it, its weight laid out once for inference:
/// scale · (x ∗ weight) + shift.
package struct PreparedConvolution: Sendable {
    private enum Form: @unchecked Sendable {
        case winograd(ck_winograd, Storage)
        case packed(PackedMatrix)
    }

    private let form: Form
    private let shift: Tensor?
    private let weightShape: [Int]
    private let stride, padding: (Int, Int)
    /// What it was made of: a new value of any of them makes it stale.
    private let sources: [Tensor]

    /// Prepares the weight [out, C, kh, kw] for pictures of the shape of `x`; `sources` are all values that weight,
    /// scale and shift come from.
    package init(
        _ weight: Tensor, scale: Tensor? = nil, shift: Tensor?, stride: (Int, Int), padding: (Int, Int), for x: Tensor,
        sources: [Tensor]
    ) {
        self.shift = shift?.detached()
        (self.stride, self.padding) = (stride, padding)
        weightShape = weight.shape
        self.sources = sources.map { $0.detached() }
        let convolution = Convolution(x, weight.shape, stride: stride, padding: padding)
        if let winograd = convolution.winograd {
            form = .winograd(winograd, winograd.transformed(weight, scale: scale))
        } else {
            let scaled = scale.map { weight.detached() * $0.detached().reshaped([weight.shape[0], 1, 1, 1]) }
            form = .packed(convolution.packed(scaled ?? weight.detached()))
        }
    }

    /// Whether it still holds for pictures of the shape of `x` and these sources.
    package func fits(_ x: Tensor, sources: [Tensor]) -> Bool {
        guard sources.count == self.sources.count,
            zip(sources, self.sources).allSatisfy({ $0.isSame(as: $1) })
        else { return false }
        let best = Convolution(x, weightShape, stride: stride, padding: padding).winograd
        switch form {
        case .winograd(let made, _):
            guard let best else { return false }
            return best.hasTile(of: made) || !best.with(tileOf: made).costsMuchMore(than: best)
        case .packed: return best == nil
        }
    }

    /// [B, H, W, C] to [B, H′, W′, out]: the convolution, or its maximum with 0 when `rectified`, then the mean over 2 × 2
    /// windows when `pooled`.
    package func callAsFunction(_ x: Tensor, rectified: Bool = false, pooled: Bool = false) -> Tensor {
        let convolution = Convolution(x, weightShape, stride: stride, padding: padding)
        switch form {
        case .winograd(let made, let weight):
            guard let here = convolution.winograd?.with(tileOf: made) else { break }
            return here.forward(x.detached(), transformed: weight, bias: shift, rectified: rectified, pooled: pooled)
        case .packed(let weight):
            let y = convolution.multiplied(x.detached(), weight, shift, rectified ? .relu : .none)
            return pooled ? y.averagePool2D(kernel: (2, 2)) : y
        }
        preconditionFailure("PreparedConvolution: shape \(x.shape) has no Winograd form, weight \(weightShape)")
    }
}

extension Convolution {
    fileprivate init(_ x: Tensor, _ weightShape: [Int], stride: (Int, Int), padding: (Int, Int)) {
        self.init(
            window: ck_window2d(
                x, (weightShape[2], weightShape[3]), stride: stride, padding: padding, dilation: (1, 1),
                "PreparedConvolution"),
            out: weightShape[0], groups: 1)
    }
}
