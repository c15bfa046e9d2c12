internal import BinderyLayers
internal import BinderyTensors

/// A convolution without bias and the batch norm behind it.
struct ConvolutionNorm: Sendable {
    let convolution: Convolution2D
    let norm: BatchNorm

    /// The convolution's parameters below `scope`, the norm's below `normScope`; padding keeps the size at stride 1 unless
    /// `padding` says otherwise.
    init(
        _ scope: Scope, _ normScope: Scope, from: Int, to: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
        groups: Int = 1, epsilon: Float = 1e-5
    ) {
        let padding = padding ?? kernel / 2
        convolution = Convolution2D(
            scope, from: from, to: to, kernel: (kernel, kernel), stride: (stride, stride),
            padding: (padding, padding), groups: groups, bias: false)
        norm = BatchNorm(normScope, width: to, epsilon: epsilon)
    }

    /// [B, H, W, from] to [B, H′, W′, to].
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor { norm(convolution(x), pass) }
}
