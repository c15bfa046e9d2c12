public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, C channels, T samples.

/// A small network for any sensor with channels over time: convolutions along time, each with batch norm and ReLU, halved
/// in between, then the sum of maximum and mean over time.
///
/// Parameters: `data` (buffers), `blocks.<i>.convolution`, `.norm`. The example of modalities/README.md.
public struct MotionNet: Encoder {
    /// The length of the vectors.
    public let width: Int
    private let channels: Int
    private let samples: Int
    private let rate: Double
    private let standardization: Standardization
    private let blocks: [Block]
    private let dropout: Dropout

    private struct Block {
        let convolution: Convolution2D
        let norm: BatchNorm

        init(_ scope: Scope, from: Int, to: Int, kernel: Int) {
            convolution = Convolution2D(
                scope["convolution"], from: from, to: to, kernel: (1, kernel), padding: (0, kernel / 2), bias: false)
            norm = BatchNorm(scope["norm"], width: to)
        }
    }

    /// Reads `channels`, `samples` (of a window), `rate` in hertz, `widths` and `kernels` of the convolutions, `dropout`;
    /// throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: ["channels", "samples", "rate", "widths", "kernels", "dropout"])
        channels = try config.integer("channels", in: 1...256, or: Motion.width)
        rate = try config.number("rate", in: 0.1...1e6, or: 50)
        let widths = try config.integers("widths", in: 1...4096, most: 12, or: [32, 64, 128])
        let kernels = try config.integers("kernels", in: 1...255, most: 12, or: [5, 5, 3])
        guard let last = widths.last, widths.count == kernels.count, kernels.allSatisfy({ $0 % 2 == 1 }) else {
            throw ConfigError.inconsistent("widths and kernels need one number for every convolution, kernels odd ones")
        }
        samples = try config.integer("samples", in: 1 << widths.count...1 << 20, or: 128)
        width = last
        standardization = Standardization(scope["data"], width: channels)
        blocks = zip(zip([channels] + widths, widths), kernels).enumerated().map { index, sizes in
            Block(scope["blocks"][index], from: sizes.0.0, to: sizes.0.1, kernel: sizes.1)
        }
        dropout = Dropout(scope["dropout"], rate: try config.number("dropout", in: 0...0.99, or: 0))
    }

    /// The windows of a recording, [T, C] each; throws when it cannot be read.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let motion = try Motion(item, width: channels)
        return try motion.resampled(from: motion.rate ?? rate, to: rate)
            .windows(of: samples, rate: rate, of: item) { $0.transposed() }
    }

    /// The length of a recording in seconds.
    public func duration(of item: Item) throws -> Double? {
        let motion = try Motion(item, width: channels)
        return Double(motion.count) / (motion.rate ?? rate)
    }

    /// One vector per window: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        var x = standardization(.stacked(clips), pass).reshaped([clips.count, 1, samples, channels])
        for (index, block) in blocks.enumerated() {
            x = block.norm(block.convolution(x), pass).relu()
            if index + 1 < blocks.count { x = x.maxPool2D(kernel: (1, 2)) }
        }
        return dropout((x.max(axes: [1, 2]) + x.mean(axes: [1, 2])), pass)
    }

    /// `gain` and `noise`: deviations of a random factor for every channel and of random numbers added to every sample,
    /// both in deviations of the data.
    public func augmentation(_ config: Config) throws -> Augmentation<Tensor> {
        try config.allow(only: ["gain", "noise"])
        let gain = Float(try config.number("gain", in: 0...10, or: 0))
        let noise = Float(try config.number("noise", in: 0...10, or: 0))
        let standardization = standardization
        return { clip, random in
            let factors = random.normal([clip.shape[1]], deviation: gain)
            let noises = random.normal(clip.shape, deviation: noise)
            return clip + (clip - standardization.mean.value) * factors + noises * standardization.deviation
        }
    }
}
