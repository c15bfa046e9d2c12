// Plain compositions that stand in until each operation has its own file.

extension Tensor {
    /// Batch normalisation over all axes but the last with given statistics, [C] each.
    public func batchNorm(
        mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5
    ) -> Tensor {
        (self - mean) * (weight / (variance + epsilon).sqrt()) + bias
    }

    /// Batch normalisation over all axes but the last with the batch's own statistics; mean and biased variance, [C].
    public func batchNorm(
        weight: Tensor, bias: Tensor, epsilon: Float = 1e-5
    ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
        let axes = Array(0..<rank - 1)
        let mean = mean(axes: axes)
        let centred = self - mean
        let variance = centred.square().mean(axes: axes)
        return (
            centred / (variance + epsilon).sqrt() * weight + bias, mean.detached(), variance.detached()
        )
    }

    /// A convolution of channels-last maps [B, H, W, C] with weights [out, in / groups, kernel height, kernel width].
    public func convolution2D(
        _ weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0),
        groups: Int = 1
    ) -> Tensor {
        precondition(groups == 1 && stride == (1, 1), "convolution2D: groups and strides are still to come")
        let (kh, kw) = (weight.shape[2], weight.shape[3])
        let padded = padded([(0, 0), (padding.0, padding.0), (padding.1, padding.1), (0, 0)])
        let (h, w) = (padded.shape[1] - kh + 1, padded.shape[2] - kw + 1)
        let patches = (0..<kh * kw).map { tap in
            padded.slice(axis: 1, tap / kw..<tap / kw + h).slice(axis: 2, tap % kw..<tap % kw + w)
        }
        let columns = Tensor.concatenated(patches, axis: 3)
        return columns.linear(
            weight: weight.permuted([0, 2, 3, 1]).reshaped([weight.shape[0], kh * kw * weight.shape[1]]), bias: bias)
    }

    /// The mean of every window of [B, H, W, C]; what does not fill a window at the end is dropped.
    public func averagePool2D(kernel: (Int, Int)) -> Tensor {
        let (h, w) = (shape[1] / kernel.0, shape[2] / kernel.1)
        return slice(axis: 1, 0..<h * kernel.0).slice(axis: 2, 0..<w * kernel.1)
            .reshaped([shape[0], h, kernel.0, w, kernel.1, shape[3]]).mean(axes: [2, 4])
    }

    /// Zeroes each element with probability `rate` and scales the rest.
    public func dropout(rate: Float, random: inout RandomSource) -> Tensor {
        let mask = Tensor(shape: shape) { target in
            random.fillUniform(target, in: 0...1)
            for index in target.indices { target[index] = target[index] < rate ? 0 : 1 / (1 - rate) }
        }
        return self * mask
    }

    /// softmax(q kᵀ / √d + mask) v for [B, heads, T, d].
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false
    ) -> Tensor {
        var scores = q.matmul(transposed: k) * (1 / Float(q.shape[3]).squareRoot())
        if let mask { scores = scores + mask }
        if causal {
            let (rows, columns) = (q.shape[2], k.shape[2])
            scores =
                scores
                + Tensor(shape: [rows, columns]) { target in
                    for index in target.indices {
                        target[index] = index % columns > index / columns + columns - rows ? -.infinity : 0
                    }
                }
        }
        return scores.softmax().matmul(v)
    }

    /// Rows of length 1 along the last axis; lengths below `epsilon` count as `epsilon`.
    public func l2Normalized(epsilon: Float = 1e-12) -> Tensor {
        let length = square().sum(axes: [-1], keeping: true).sqrt()
        return self / length.maximum(Tensor(epsilon))
    }

    /// Whether every element is a finite number.
    public var isFinite: Bool { read { $0.allSatisfy(\.isFinite) } }
}
