internal import CKernels

extension Tensor {
    /// The mean over windows of a channels-last picture: [B, H, W, C] gives [B, H′, W′, C].
    ///
    /// H′ = ⌊(H + 2 · padding - kernel) / stride⌋ + 1. The stride is the kernel unless given. Padding counts as zeros
    /// when `countingPadding`, as PyTorch does unless told; otherwise it does not count.
    public func averagePool2D(
        kernel: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0), countingPadding: Bool = true
    ) -> Tensor {
        let w = ck_window2d(self, pooling: kernel, stride ?? kernel, padding, "averagePool2D")
        let shape = shape
        let y = Tensor.make(w.outputShape(w.channels), from: self) { y, x in
            withUnsafePointer(to: w) { ck_average_pool($0, x, countingPadding, y) }
        }
        // dx = g / count to every element of the window
        return .operation(y, from: self) { g in
            .make(shape, from: g) { dx, g in
                withUnsafePointer(to: w) { ck_average_pool_gradient($0, g, countingPadding, dx) }
            }
        }
    }

    /// The greatest element of windows of a channels-last picture: [B, H, W, C] gives [B, H′, W′, C].
    ///
    /// H′ as for `averagePool2D`. Padding never wins; of equal elements the first gets the gradient.
    public func maxPool2D(
        kernel: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0)
    ) -> Tensor {
        let w = ck_window2d(self, pooling: kernel, stride ?? kernel, padding, "maxPool2D")
        let x = detached()
        let y = Tensor.make(w.outputShape(w.channels), from: x) { y, x in
            withUnsafePointer(to: w) { ck_max_pool($0, x, y) }
        }
        // dx = g at the first maximum of each window
        return .operation(y, from: self) { g in
            .make(x.shape, from: x, y, g) { dx, x, y, g in
                withUnsafePointer(to: w) { ck_max_pool_gradient($0, x, y, g, dx) }
            }
        }
    }
}

extension ck_window2d {
    /// A window over a picture; traps unless the picture has four axes and the window fits.
    init(
        _ x: Tensor, _ kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int), dilation: (Int, Int),
        _ operation: StaticString
    ) {
        precondition(x.rank == 4, "\(operation): shape \(x.shape), expected [B, H, W, C]")
        precondition(
            min(kernel.0, kernel.1, stride.0, stride.1, dilation.0, dilation.1) > 0 && min(padding.0, padding.1) >= 0,
            "\(operation): window \(kernel), stride \(stride), padding \(padding), dilation \(dilation)")
        let rest = (
            x.shape[1] + 2 * padding.0 - dilation.0 * (kernel.0 - 1) - 1,
            x.shape[2] + 2 * padding.1 - dilation.1 * (kernel.1 - 1) - 1
        )
        precondition(
            rest.0 >= 0 && rest.1 >= 0, "\(operation): window \(kernel) exceeds shape \(x.shape), padding \(padding)")
        self.init(
            batch: x.shape[0], height: x.shape[1], width: x.shape[2], channels: x.shape[3],
            out_height: rest.0 / stride.0 + 1, out_width: rest.1 / stride.1 + 1,
            kernel_height: kernel.0, kernel_width: kernel.1, stride_y: stride.0, stride_x: stride.1,
            pad_y: padding.0, pad_x: padding.1, dilation_y: dilation.0, dilation_x: dilation.1)
    }

    fileprivate init(
        _ x: Tensor, pooling kernel: (Int, Int), _ stride: (Int, Int), _ padding: (Int, Int),
        _ operation: StaticString
    ) {
        // With more padding some windows would see no element.
        precondition(
            padding.0 * 2 <= kernel.0 && padding.1 * 2 <= kernel.1,
            "\(operation): padding \(padding) exceeds half the kernel \(kernel)")
        self.init(x, kernel, stride: stride, padding: padding, dilation: (1, 1), operation)
    }

    func outputShape(_ channels: Int) -> [Int] { [batch, out_height, out_width, channels] }

    /// How many places the window takes in the whole batch.
    var places: Int { batch * out_height * out_width }
    /// How many positions the window has.
    var positions: Int { kernel_height * kernel_width }
}
