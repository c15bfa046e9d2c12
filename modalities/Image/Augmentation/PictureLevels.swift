internal import BinderyTensors

/// How values from 0 to 1 become what a network sees, and back.
struct PictureLevels: Sendable {
    /// What stands for 0 in each channel.
    let low: [Float]
    /// What lies between 0 and 1 in each channel.
    let span: [Float]

    /// The spans as a tensor over the channels.
    var scale: Tensor { Tensor(span, [span.count]) }

    /// The values from 0 to 1 of a prepared picture, [H, W, C], in its order.
    func pixels(of clip: Tensor) -> [Float] {
        clip.read { values in
            [Float](unsafeUninitializedCapacity: values.count) { target, count in
                for place in values.indices {
                    let channel = place % span.count
                    target[place] = (values[place] - low[channel]) / span[channel]
                }
                count = values.count
            }
        }
    }

    /// The picture that a network sees.
    func normalised(_ pixels: [Float], _ shape: [Int]) -> Tensor {
        Tensor(shape: shape) { target in
            for place in pixels.indices {
                let channel = place % span.count
                target[place] = pixels[place] * span[channel] + low[channel]
            }
        }
    }
}
