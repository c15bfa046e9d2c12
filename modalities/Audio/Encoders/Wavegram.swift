internal import BinderyLayers
internal import BinderyTensors

// B batch, N samples, T frames, M bins, C channels.

/// What PANNs learns from the samples themselves (Kong and others 2020): convolutions along the time, whose channels become
/// the bins of a picture like that of a spectrogram.
///
/// Parameters: `stem.conv` and `stem.norm`, `steps.<i>.conv1`, `.norm1`, `.conv2`, `.norm2` of three steps, and the same four below
/// `last`.
struct Wavegram: Sendable {
    /// Strides of 5, 4, 4, 4 and 2, one behind the other.
    static let samplesPerFrame = 640
    /// Channels of the result.
    let width: Int
    private let bins: Int
    private let stem: Parameter
    private let stemNorm: BatchNorm
    private let steps: [Step]
    private let last: [(convolution: Convolution2D, norm: BatchNorm)]

    /// A convolution, one that skips every other place, and the maximum of every four.
    private struct Step: Sendable {
        let near: Parameter
        let nearNorm: BatchNorm
        let far: Parameter
        let farNorm: BatchNorm

        init(_ scope: Scope, from: Int, to: Int) {
            near = scope["conv1"]("weight", to, from, 3, start: .fanIn(from * 3))
            far = scope["conv2"]("weight", to, to, 3, start: .fanIn(to * 3))
            nearNorm = BatchNorm(scope["norm1"], width: to)
            farNorm = BatchNorm(scope["norm2"], width: to)
        }

        /// [B, 1, N, from] to [B, 1, N / 4, to].
        func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
            let near = nearNorm(x.convolvedAlong(near, padding: 1), pass).relu()
            let far = farNorm(near.convolvedAlong(far, padding: 2, dilation: 2), pass).relu()
            let (batch, whole, width) = (far.shape[0], far.shape[2] / 4, far.shape[3])
            return far.slice(axis: 2, 0..<whole * 4).reshaped([batch, whole, 4, width]).max(axes: [2])
                .reshaped([batch, 1, whole, width])
        }
    }

    /// `widths` are those of the stem, of the three steps and of the result; `bins` divides the last step's.
    init(_ scope: Scope, widths: [Int], bins: Int) throws {
        guard widths.count == 5, widths[3] % bins == 0 else {
            throw ConfigError.inconsistent(
                "wave needs five widths, the fourth a multiple of \(bins), half of the mel bins")
        }
        self.bins = bins
        width = widths[4]
        stem = scope["stem"]["conv"]("weight", widths[0], 1, 11, start: .fanIn(11))
        stemNorm = BatchNorm(scope["stem"]["norm"], width: widths[0])
        steps = (0..<3).map { Step(scope["steps"][$0], from: widths[$0], to: widths[$0 + 1]) }
        let channels = widths[3] / bins
        last = (1...2).map { index in
            let convolution = Convolution2D(
                scope["last"]["conv\(index)"], from: index == 1 ? channels : widths[4], to: widths[4], kernel: (3, 3),
                padding: (1, 1), bias: false)
            return (convolution, BatchNorm(scope["last"]["norm\(index)"], width: widths[4]))
        }
    }

    /// [B, N] to [B, N / samplesPerFrame, M, width].
    func callAsFunction(_ samples: Tensor, _ pass: Pass) -> Tensor {
        let (batch, count) = (samples.shape[0], samples.shape[1])
        let entered = samples.reshaped([batch, 1, count, 1]).convolvedAlong(stem, stride: 5, padding: 5)
        let x = steps.reduce(stemNorm(entered, pass).relu()) { $1($0, pass) }
        let (frames, channels) = (x.shape[2], x.shape[3] / bins)
        let picture = x.reshaped([batch, frames, channels, bins]).permuted([0, 1, 3, 2])
        return last.reduce(picture) { $1.convolution.rectified($0, $1.norm, pass) }.averagePool2D(kernel: (2, 1))
    }
}

extension Tensor {
    /// A convolution along the third axis, [B, 1, N, from] to [B, 1, N′, to]; the weight is [to, from, kernel].
    fileprivate func convolvedAlong(_ weight: Parameter, stride: Int = 1, padding: Int, dilation: Int = 1) -> Tensor {
        let weight = weight()
        let (to, from, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
        return convolution2D(
            weight: weight.reshaped([to, from, 1, kernel]), stride: (1, stride), padding: (0, padding),
            dilation: (1, dilation))
    }
}
