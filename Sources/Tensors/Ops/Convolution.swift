internal import CKernels

extension Tensor {
    /// A convolution over channels-last pictures: [B, H, W, C] with weight [out, C / groups, kh, kw] and bias [out]
    /// gives [B, H′, W′, out].
    ///
    /// H′ = ⌊(H + 2 · padding - dilation · (kh - 1) - 1) / stride⌋ + 1. The weight has PyTorch's shape. Pictures are
    /// unfolded tile by tile, never as a whole; 1 × 1 kernels are not unfolded, depthwise ones have loops of their own.
    public func convolution2D(
        weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0),
        dilation: (Int, Int) = (1, 1), groups: Int = 1
    ) -> Tensor {
        precondition(
            rank == 4 && weight.rank == 4 && groups > 0 && weight.shape[1] * groups == shape[3]
                && weight.shape[0] % groups == 0,
            "convolution2D: shape \(shape), weight \(weight.shape), groups \(groups), expected [out, C / groups, kh, kw]"
        )
        precondition(
            bias.map { $0.shape == [weight.shape[0]] } ?? true,
            "convolution2D: bias \(bias?.shape ?? []), expected [\(weight.shape[0])]")
        let convolution = Convolution(
            window: ck_window2d(
                self, (weight.shape[2], weight.shape[3]), stride: stride, padding: padding, dilation: dilation,
                "convolution2D"),
            out: weight.shape[0], groups: groups)
        let (x, w) = (detached(), weight.detached())
        let y = convolution.forward(x, w, bias)
        let inputs = [self, weight] + [bias].compactMap { $0 }
        let wanted = inputs.map(\.isTracked)
        let kept = (x: wanted[1] ? x : nil, w: wanted[0] ? w : nil)
        // dx = g spread through the weight,  dweight = Σ g · what the window saw,  dbias = Σ g
        return .operation(y, from: inputs) { g in
            let gradients = [
                kept.w.map { convolution.inputGradient(g, $0) },
                kept.x.map { convolution.weightGradient(g, $0) },
                wanted.count > 2 && wanted[2] ? g.sum(axes: [0, 1, 2]) : nil,
            ]
            return Array(gradients.prefix(wanted.count))
        }
    }

    /// A convolution over sequences: [B, T, C] with weight [out, C / groups, k] and bias [out] gives [B, T′, out].
    public func convolution1D(
        weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
    ) -> Tensor {
        precondition(
            rank == 3 && weight.rank == 3, "convolution1D: shape \(shape), weight \(weight.shape), expected three axes")
        let y = reshaped([shape[0], 1, shape[1], shape[2]]).convolution2D(
            weight: weight.reshaped([weight.shape[0], weight.shape[1], 1, weight.shape[2]]), bias: bias,
            stride: (1, stride), padding: (0, padding), dilation: (1, dilation), groups: groups)
        return y.reshaped([y.shape[0], y.shape[2], y.shape[3]])
    }
}

/// One convolution: where its window goes and which channels meet.
struct Convolution {
    let window: ck_window2d
    let out, groups: Int

    var channels: Int { window.channels / groups }
    var outPerGroup: Int { out / groups }
    var isDepthwise: Bool { channels == 1 && out == groups }
    /// What the window sees at a place is then that place.
    private var isPointwise: Bool {
        window.positions == 1 && window.stride_y == 1 && window.stride_x == 1 && window.pad_y == 0 && window.pad_x == 0
    }

    // Weights meet unfolded rows of [position][channel]: [out, channels, kh, kw] becomes [out, kh, kw, channels].

    func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
        if isDepthwise {
            let weight = weight.permuted(1, 2, 3, 0)
            return withExtendedLifetime(bias) {
                .make(window.outputShape(out), from: x, weight) { y, x, weight in
                    withUnsafePointer(to: window) { ck_depthwise($0, x, weight, bias?.pointer, y) }
                }
            }
        }
        if isNarrow { return narrow(x, weight, bias) }
        if let winograd { return winograd.forward(x, weight: weight, bias: bias) }
        return multiplied(x, packed(weight), bias)
    }

    /// The weight [out, C / groups, kh, kw] as rows of [position][channel], packed; the groups follow each other, each
    /// padded to whole panels.
    func packed(_ weight: Tensor) -> PackedMatrix {
        let rows = weight.permuted(0, 2, 3, 1).reshaped([groups, outPerGroup, depth])
        let whole = paddedOut
        let padded = groups == 1 ? rows : rows.padded([(0, 0), (0, whole - outPerGroup), (0, 0)])
        return PackedMatrix(padded.reshaped([-1, depth]))
    }

    var depth: Int { window.positions * channels }
    private var paddedOut: Int { (outPerGroup + Int(CK_PANEL) - 1) / Int(CK_PANEL) * Int(CK_PANEL) }

    /// f(convolution + bias) with a packed weight.
    func multiplied(
        _ x: Tensor, _ weight: PackedMatrix, _ bias: Tensor?, _ function: FusedFunction = .none
    ) -> Tensor {
        let tiles = PlaceTiles(places: window.places, depth: depth, out: outPerGroup)
        return withExtendedLifetime(bias) {
            .make(window.outputShape(out), from: x) { y, x in
                Threads.forEach(tiles.count) { items in
                    Storage.scratch(isPointwise ? 0 : tiles.rows * depth) { scratch in
                        for item in items {
                            for group in 0..<groups {
                                multiply(x, weight, bias, function, tiles[item], group, through: scratch, into: y)
                            }
                        }
                    }
                }
            }
        }
    }

    /// One tile of one group: some places, some of the group's output channels.
    private func multiply(
        _ x: UnsafePointer<Float>, _ weight: PackedMatrix, _ bias: Tensor?, _ function: FusedFunction,
        _ tile: (places: Range<Int>, columns: Range<Int>), _ group: Int,
        through scratch: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>
    ) {
        let (places, columns) = tile
        let first = group * outPerGroup + columns.lowerBound
        let (rows, step) = unfold(x, places, group, into: scratch)
        var finish = ck_product_finish(
            bias: bias.map { $0.pointer + first }, activation: function.code, residual: nil, residual_row: 0)
        weight.read(from: group * paddedOut + columns.lowerBound) { weight in
            ck_packed_product(
                places.count, columns.count, depth, rows, step, weight, &finish,
                y + places.lowerBound * out + first, out)
        }
    }

    /// The rows of what the window sees at `places`, and how far apart they lie.
    private func unfold(
        _ x: UnsafePointer<Float>, _ places: Range<Int>, _ group: Int, into scratch: UnsafeMutablePointer<Float>
    ) -> (rows: UnsafePointer<Float>, step: Int) {
        if isPointwise { return (x + places.lowerBound * window.channels + group * channels, window.channels) }
        withUnsafePointer(to: window) {
            ck_unfold(
                $0, x, places.lowerBound, places.count, 0, window.positions, group * channels, channels, scratch)
        }
        return (UnsafePointer(scratch), window.positions * channels)
    }
}
