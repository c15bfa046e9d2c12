internal import CKernels

// Few output channels would fill a part of a product's register tile only; here it holds more places instead, and reads
// them where they lie.
extension Convolution {
    /// Whether the result has too few channels for products.
    var isNarrow: Bool {
        let w = window
        return out <= 16 && groups == 1 && w.stride_y == 1 && w.stride_x == 1 && w.dilation_y == 1
            && w.dilation_x == 1 && w.pad_y < w.kernel_height && w.pad_x < w.kernel_width && w.positions > 1
    }

    /// The convolution with a weight [out, C, kh, kw], or with `turned` one of [C, out, kh, kw] that carried the other way.
    func narrow(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, turned: Bool = false) -> Tensor {
        withExtendedLifetime(bias) {
            .make(window.outputShape(out), from: x, weight) { y, x, weight in
                withUnsafePointer(to: window) { ck_narrow_forward($0, out, x, weight, turned, bias?.pointer, y) }
            }
        }
    }

    func narrowWeightGradient(_ g: Tensor, _ x: Tensor) -> Tensor {
        .make([out, channels, window.kernel_height, window.kernel_width], from: g, x) { dweight, g, x in
            withUnsafePointer(to: window) { ck_narrow_weight_gradient($0, out, x, g, dweight) }
        }
    }
}
