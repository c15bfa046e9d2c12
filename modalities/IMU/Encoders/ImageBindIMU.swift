public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

/// ImageBind's encoder of motion: a Transformer over stretches of eight samples of six channels.
///
/// Recordings are brought to the rate by straight lines and cut into windows, the last of which ends with the recording;
/// zeros follow shorter ones. Parameters: `stem` and `stem.norm`, and those of `ImageBindTrunk`.
public struct ImageBindIMU: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let rate: Double
    private let samples: Int
    private let stretch: Int
    private let stem: Linear
    private let norm: LayerNorm
    private let trunk: ImageBindTrunk
    private let dropout: Dropout

    /// Reads `width`, `layers`, `heads`, `samples` (of a window), `stretch`, `rate` in hertz and `dropout`; throws when one
    /// is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(only: TransformerShape.imageBindKeys + ["samples", "stretch", "rate", "dropout"])
        let shape = try TransformerShape.imageBind(config, extraRow: true)
        samples = try config.integer("samples", in: 1...1 << 20, or: 2000)
        stretch = try config.integer("stretch", in: 1...samples, or: 8)
        rate = try config.number("rate", in: 0.1...1e6, or: 400)
        stem = Linear(scope["stem"], from: Motion.width * stretch, to: shape.width, bias: false)
        norm = LayerNorm(scope["stem"]["norm"], width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: samples / stretch)
        dropout = Dropout(scope["dropout"], rate: try config.number("dropout", in: 0...0.99, or: 0.5))
    }

    /// The windows of a recording, [6, samples] each; throws when it cannot be read.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let motion = try Motion(item)
        return try motion.resampled(from: motion.rate ?? rate, to: rate).windows(of: samples, rate: rate, of: item)
    }

    /// The length of a recording in seconds.
    public func duration(of item: Item) throws -> Double? {
        let motion = try Motion(item)
        return Double(motion.count) / (motion.rate ?? rate)
    }

    /// One vector per window: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        guard !clips.isEmpty else { return .zeros([0, width]) }
        return self(.stacked(clips), pass)
    }

    /// [B, 6, samples] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ windows: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let count = windows.shape[0]
        let stretches = windows.shape[2] / stretch
        let tokens = windows.slice(axis: 2, 0..<stretches * stretch)
            .reshaped([count, Motion.width, stretches, stretch]).permuted([0, 2, 1, 3])
            .reshaped([count, stretches, Motion.width * stretch])
        return dropout(trunk(norm(stem(tokens)), pass, each: each), pass)
    }
}
