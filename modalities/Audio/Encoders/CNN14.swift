public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, T frames, M mel bins, C channels, D width.

/// CNN14 of PANNs (Kong and others 2020): blocks of two 3×3 convolutions over a log-mel spectrogram, each followed by
/// 2×2 average pooling but the last; the mean over bins, the sum of maximum and mean over time, and a linear layer.
///
/// CNN10 pools behind its last block too, and CNN6 has one 5×5 convolution in every block. Parameters: `bn0` or the buffers `data`, `blocks.<i>.conv1`, `.norm1`, `.conv2`, `.norm2`, `fc`.
public struct CNN14: Encoder {
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: of ten seconds, as many as keep the largest activation below 128 MiB.
    public let batchLimit: Int
    /// The most numbers in one batch of inference, so that longer clips come in smaller batches.
    private let mostNumbers: Int
    private let hearing: MelHearing
    private let bn0: BatchNorm?
    private let data: Standardization?
    private let blocks: [Block]
    private let poolsLast: Bool
    private let segments: Int
    private let pooledDropout: Dropout
    private let fc: Linear?
    private let outputDropout: Dropout

    /// What happens to a spectrogram before the first block.
    private enum Input: String, CaseIterable { case normed, standardized }

    /// One or two convolutions, and dropout after the pooling that follows them.
    private struct Block {
        let steps: [(convolution: Convolution2D, norm: BatchNorm)]
        let dropout: Dropout

        init(_ scope: Scope, from: Int, to: Int, convolutions: Int, kernel: Int, dropout rate: Double) {
            steps = (1...convolutions).map { step in
                let convolution = Convolution2D(
                    scope["conv\(step)"], from: step == 1 ? from : to, to: to, kernel: (kernel, kernel),
                    padding: (kernel / 2, kernel / 2), bias: false)
                return (convolution, BatchNorm(scope["norm\(step)"], width: to))
            }
            dropout = Dropout(scope["dropout"], rate: rate)
        }

        /// [B, T, M, from] to [B, T, M, to], or half as many frames and bins when `pooled`.
        func callAsFunction(_ x: Tensor, pooled: Bool, _ pass: Pass) -> Tensor {
            steps.enumerated().reduce(x) { x, step in
                let (convolution, norm) = step.element
                return convolution.rectified(x, norm, pooled: pooled && step.offset + 1 == steps.count, pass)
            }
        }
    }

    /// Reads `features` (a `LogMel`, PANNs' unless said), `widths`, `embedding` (the width of the vectors), `dropout` after
    /// every block, `headDropout` before the linear layer, `outputDropout` after it, and the keys of `Windows`; with
    /// `input: standardized` one mean and deviation of all data stand in the place of the batch norm over every bin, and
    /// with `embedding: 0` the linear layer is left out.
    ///
    /// Every block has two `convolutions` of `kernel` 3, and the last is not pooled, unless these keys and `poolsLast` say
    /// otherwise.
    ///
    /// With `segments` the maximum and mean are taken in each of so many equal parts of the time, one after the other in the
    /// vector, so that the order of what is heard is not lost.
    ///
    /// Sounds are heard as they are, in parts of `longest` (10) seconds where they are longer; with `seconds` given windows
    /// are of that length, and silence follows shorter sounds. Throws when a key is unknown or a size out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(
            only: MelHearing.keys + [
                "widths", "convolutions", "kernel", "poolsLast", "embedding", "input", "segments", "longest",
                "dropout", "headDropout", "outputDropout",
            ])
        let widths = try config.integers(
            "widths", in: 1...8192, most: 12, or: [64, 128, 256, 512, 1024, 2048])
        guard let first = widths.first, let last = widths.last else {
            throw ConfigError.inconsistent("widths needs at least one block")
        }
        poolsLast = try config.bool("poolsLast", or: false)
        let halvings = 1 << (poolsLast ? widths.count : widths.count - 1)
        let longest = try config.number("longest", in: 0.01...600, or: 10)
        hearing = try MelHearing(
            config, usual: .panns,
            windows: { Windows(rate: $0.rate, seconds: longest, short: config["seconds"] == nil ? .kept : .zeros) },
            fewestFrames: halvings)
        let bins = hearing.spectrograph.mel.bins
        guard bins >= halvings else {
            throw ConfigError.inconsistent("\(widths.count) blocks need at least \(halvings) mel bins, not \(bins)")
        }
        guard hearing.mostFrames >= halvings else {
            throw ConfigError.inconsistent(
                "\(widths.count) blocks need at least \(halvings) frames, the windows have \(hearing.mostFrames)")
        }
        segments = try config.integer("segments", in: 1...1024, or: 1)
        guard segments == 1 || hearing.mostFrames / halvings >= segments, segments * last <= 65536 else {
            throw ConfigError.inconsistent(
                "\(segments) segments are more than the \(hearing.mostFrames / halvings) frames after the last block, or"
                    + " make a vector of more than 65536")
        }
        let embedding = try config.integer("embedding", in: 0...65536, or: last)
        width = embedding == 0 ? segments * last : embedding
        let rate = try config.number("dropout", in: 0...0.99, or: 0.2)
        switch try config.choice("input", or: Input.normed) {
        case .normed: (bn0, data) = (BatchNorm(scope["bn0"], width: bins), nil)
        case .standardized: (bn0, data) = (nil, Standardization(scope["data"], width: 1))
        }
        let convolutions = try config.integer("convolutions", in: 1...8, or: 2)
        let kernel = try config.integer("kernel", in: 1...15, or: 3)
        guard kernel % 2 == 1 else { throw ConfigError.inconsistent("kernel must be odd, not \(kernel)") }
        blocks = zip([1] + widths, widths).enumerated().map { index, sizes in
            Block(
                scope["blocks"][index], from: sizes.0, to: sizes.1, convolutions: convolutions, kernel: kernel,
                dropout: rate)
        }
        pooledDropout = Dropout(
            scope["pooled_dropout"], rate: try config.number("headDropout", in: 0...0.99, or: 0.5))
        fc = embedding == 0 ? nil : Linear(scope["fc"], from: segments * last, to: width)
        outputDropout = Dropout(
            scope["output_dropout"], rate: try config.number("outputDropout", in: 0...0.99, or: 0))
        mostNumbers = (1 << 25) / first
        batchLimit = min(max(mostNumbers / (min(hearing.mostFrames, hearing.framesOfTenSeconds) * bins), 1), 32)
    }

    /// The log-mel spectrograms of the item's windows, [T, M] each; throws `AudioError`.
    public func clips(of item: Item) throws -> Clips<Tensor> { try hearing.clips(of: item) }

    /// One vector per spectrogram: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        let most = if case .inference = pass { mostNumbers } else { Int.max }
        return clips.batched(width, most: most) { self($0, pass) }
    }

    /// [B, T, M] to [B, D]; `each` sees the normalised input and every block's pooled output, [B, T', M', C].
    package func callAsFunction(
        _ x: Tensor, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        var x = bn0?(x, pass) ?? data?(x, pass) ?? x
        each("bn0", x)
        x = x.reshaped(x.shape + [1])
        for (index, block) in blocks.enumerated() {
            x = block(x, pooled: poolsLast || index + 1 < blocks.count, pass)
            each("block\(index + 1)", x)
            x = block.dropout(x, pass)
        }
        let overTime = x.mean(axes: [2])
        let frames = overTime.shape[1]
        let parts = (0..<segments).map { segment in
            guard segments > 1 else { return overTime }
            // Sounds too short for all segments show some frames twice.
            let start = min(segment * frames / segments, frames - 1)
            return overTime.slice(axis: 1, start..<max((segment + 1) * frames / segments, start + 1))
        }
        let pooled = parts.map { $0.max(axes: [1]) + $0.mean(axes: [1]) }
        let dropped = pooledDropout(segments > 1 ? .concatenated(pooled, axis: 1) : pooled[0], pass)
        return outputDropout(fc.map { $0(dropped).relu() } ?? dropped, pass)
    }

    /// SpecAugment: `shift`, `slide`, `gain`, and `timeStripes` and `binStripes`, each with `count` and `below`.
    public func augmentation(_ config: Config) throws -> Augmentation<Tensor> {
        let change = try SpecAugment(config)
        return { clip, random in change(clip, &random) }
    }

    /// Sounds at the same time: their powers are added.
    public var mixing: ClipMixing<Tensor>? { hearing.mixing }

    /// The length of the sound in seconds; throws `AudioError`.
    public func duration(of item: Item) throws -> Double? { try hearing.windows.duration(of: item) }
}
