internal import BinderyLayers
internal import BinderyTensors

// B batch, T frames, M bins, C channels.

/// The residual layers of PANNs' ResNet22, 38 and 54 (Kong and others 2020), whose strides are average pools.
///
/// Parameters: `<layer>.<block>.conv1`, `.norm1` and so on, and `.shortcut`, `.shortcut_norm` where a block changes its shape.
struct ResidualLayers: Sendable {
    /// Channels of the result.
    let width: Int
    /// How many blocks each layer may have.
    static let counts = 1...256
    private let blocks: [Block]

    private struct Block: Sendable {
        let steps: [(convolution: Convolution2D, norm: BatchNorm)]
        let shortcut: (convolution: Convolution2D, norm: BatchNorm)?
        let isPooled: Bool

        /// Convolutions of the given kernels, to `inner` channels and with the last one to `to`.
        init(_ scope: Scope, from: Int, inner: Int, to: Int, kernels: [Int], isPooled: Bool) {
            func part(_ name: String, _ norm: String, from: Int, to: Int, kernel: Int) -> (Convolution2D, BatchNorm) {
                let convolution = Convolution2D(
                    scope[name], from: from, to: to, kernel: (kernel, kernel), padding: (kernel / 2, kernel / 2),
                    bias: false)
                return (convolution, BatchNorm(scope[norm], width: to))
            }
            steps = kernels.enumerated().map { index, kernel in
                part(
                    "conv\(index + 1)", "norm\(index + 1)", from: index == 0 ? from : inner,
                    to: index + 1 == kernels.count ? to : inner, kernel: kernel)
            }
            shortcut =
                isPooled || from != to ? part("shortcut", "shortcut_norm", from: from, to: to, kernel: 1) : nil
            self.isPooled = isPooled
        }

        /// [B, T, M, from] to [B, T, M, to], or half as many frames and bins.
        func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
            let x = isPooled ? x.averagePool2D(kernel: (2, 2)) : x
            let inside = steps.enumerated().reduce(x) { x, step in
                let (convolution, norm) = step.element
                return step.offset + 1 < steps.count
                    ? convolution.rectified(x, norm, pass) : norm(convolution(x), pass)
            }
            let beside = shortcut.map { $0.norm($0.convolution(x), pass) } ?? x
            return (inside + beside).relu()
        }
    }

    /// One layer of as many blocks as each of `counts` says, the first `from` channels wide and each next one twice that;
    /// with `isNarrow` blocks are four times as wide between than inside.
    init(_ scope: Scope, from: Int, counts: [Int], isNarrow: Bool) {
        var entering = from
        var blocks: [Block] = []
        for (level, count) in counts.enumerated() {
            let inner = from << level
            let to = isNarrow ? inner * 4 : inner
            for index in 0..<count {
                blocks.append(
                    Block(
                        scope[level + 1][index], from: entering, inner: inner, to: to,
                        kernels: isNarrow ? [1, 3, 1] : [3, 3], isPooled: level > 0 && index == 0))
                entering = to
            }
        }
        self.blocks = blocks
        width = entering
    }

    /// [B, T, M, C] to [B, T / 2ⁿ, M / 2ⁿ, width], once halved for each layer but the first.
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor { blocks.reduce(x) { $1($0, pass) } }
}
