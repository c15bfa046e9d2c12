public import BinderyTensors

/// A two-dimensional convolution over channels-last maps.
public struct Convolution2D: Sendable {
    /// [to, from / groups, kernel height, kernel width].
    public let weight: Parameter
    /// [to].
    public let bias: Parameter?
    let stride: (Int, Int)
    let padding: (Int, Int)
    let groups: Int

    /// Parameters `weight` and `bias` below `scope`; pairs are (height, width).
    public init(
        _ scope: Scope, from: Int, to: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0), groups: Int = 1, bias: Bool = true
    ) {
        let fanIn = from / groups * kernel.0 * kernel.1
        weight = scope("weight", to, from / groups, kernel.0, kernel.1, start: .fanIn(fanIn))
        self.bias = bias ? scope("bias", to, start: .fanIn(fanIn)) : nil
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }

    /// [B, H, W, from] to [B, H', W', to].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        if let prepared = prepared(x) { return prepared(x) }
        return x.convolution2D(weight: weight(), bias: bias?(), stride: stride, padding: padding, groups: groups)
    }

    /// max(norm(convolution), 0), then the mean over 2 × 2 windows when `pooled`: [B, H, W, from] to [B, H', W', to].
    ///
    /// In inference without gradients it is one operation, with the norm folded into a weight that is transformed once.
    public func rectified(_ x: Tensor, _ norm: BatchNorm, pooled: Bool = false, _ pass: Pass) -> Tensor {
        guard case .inference = pass, let folded = folded(x, norm) else {
            let y = norm(self(x), pass).relu()
            return pooled ? y.averagePool2D(kernel: (2, 2)) : y
        }
        return folded(x, rectified: true, pooled: pooled)
    }

    /// The weight laid out once, where nothing is tracked; not in Winograd's form, which takes up to four times the room.
    private func prepared(_ x: Tensor) -> PreparedConvolution? {
        let isWinograd = weight.shape.suffix(2) == [3, 3] && stride == (1, 1)
        guard !x.isTracked, groups == 1, !isWinograd, weight.isFrozen, bias?.isFrozen != false else { return nil }
        let sources = [weight, bias].compactMap { $0?.value }
        return weight.derivedOnReuse("prepared", where: { $0.fits(x, sources: sources) }) { weight in
            PreparedConvolution(
                weight, shift: bias?.value, stride: stride, padding: padding, for: x, sources: sources)
        }
    }

    private func folded(_ x: Tensor, _ norm: BatchNorm) -> PreparedConvolution? {
        let parameters = [weight, bias, norm.weight, norm.bias, norm.runningMean, norm.runningVariance].compactMap {
            $0
        }
        guard !x.isTracked, stride == (1, 1), groups == 1, parameters.allSatisfy(\.isFrozen) else { return nil }
        let sources = parameters.map(\.value)
        return weight.derived("folded", where: { $0.fits(x, sources: sources) }) { weight in
            let scale = norm.weight.value / (norm.runningVariance.value + norm.epsilon).sqrt()
            let mean = bias.map { norm.runningMean.value - $0.value } ?? norm.runningMean.value
            return PreparedConvolution(
                weight, scale: scale, shift: norm.bias.value - mean * scale, stride: stride, padding: padding, for: x,
                sources: sources)
        }
    }
}
