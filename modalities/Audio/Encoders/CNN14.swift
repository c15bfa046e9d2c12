public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, T frames, M mel bins, C channels, D width.

/// CNN14 of PANNs (Kong and others 2020): blocks of two 3×3 convolutions over a log-mel spectrogram, each followed by
/// 2×2 average pooling but the last; the mean over bins, the sum of maximum and mean over time, and a linear layer.
///
/// CNN10 pools behind its last block too, and CNN6 has one 5×5 convolution in every block; ResNet22 to ResNet54 have residual
/// layers between two blocks; the Wavegram-CNN14s see a picture that is learned from the samples, beside the spectrogram or in
/// its place. Parameters: `bn0` or the buffers `data`, `blocks.<i>.conv1`, `.norm1`, `.conv2`, `.norm2`, `residual`, `wave`,
/// `fc`.
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
    /// 1 where a wavegram stands in the place of the first block.
    private let firstBlock: Int
    private let poolsLast: Bool
    private let residual: ResidualLayers?
    private let wave: Wavegram?
    private let pooling: Pooling
    private let segments: Int
    private let pooledDropout: Dropout
    private let fc: Linear?
    private let outputDropout: Dropout

    /// What happens to a spectrogram before the first block.
    private enum Input: String, CaseIterable { case normed, standardized }

    /// How the frames behind the last block become one vector.
    private enum Pooling: String, CaseIterable {
        /// The sum of maximum and mean, then the linear layer.
        case whole
        /// The same over every three frames, and the mean of what the linear layer makes of them (PANNs' networks that
        /// decide for every part of a sound).
        case local
    }

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
    /// `residual` holds the numbers of blocks of the residual layers behind the first block, which are of three convolutions
    /// where they are `narrow`; `wave` the widths of a `Wavegram` beside the first block, or with `waveAlone` in its place;
    /// `pooling` is of the `whole` or `local`.
    ///
    /// With `segments` the maximum and mean are taken in each of so many equal parts of the time, one after the other in the
    /// vector, so that the order of what is heard is not lost.
    ///
    /// Sounds are heard as they are, in parts of `longest` (10) seconds where they are longer; with `seconds` given windows
    /// are of that length, and silence follows shorter sounds. Throws when a key is unknown or a size out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(
            only: MelHearing.keys + [
                "widths", "convolutions", "kernel", "poolsLast", "residual", "narrow", "wave", "waveAlone", "pooling",
                "embedding", "input", "segments", "longest",
                "dropout", "headDropout", "outputDropout",
            ])
        let widths = try config.integers(
            "widths", in: 1...8192, most: 12, or: [64, 128, 256, 512, 1024, 2048])
        guard let first = widths.first, let last = widths.last else {
            throw ConfigError.inconsistent("widths needs at least one block")
        }
        poolsLast = try config.bool("poolsLast", or: false)
        let layers = try config.integers("residual", in: ResidualLayers.counts, most: 8, or: [])
        let waves = try config.integers("wave", in: 1...8192, most: 5, or: [])
        let isAlone = try config.bool("waveAlone", or: false)
        guard layers.isEmpty || widths.count == 2 && waves.isEmpty else {
            throw ConfigError.inconsistent("residual stands between two blocks, without wave")
        }
        guard waves.isEmpty ? !isAlone : widths.count > 1 && config["input"] == nil else {
            throw ConfigError.inconsistent("wave needs several blocks and no input, waveAlone needs wave")
        }
        pooling = try config.choice("pooling", or: Pooling.whole)
        let halvings = 1 << ((poolsLast ? widths.count : widths.count - 1) + layers.count)
        let longest = try config.number("longest", in: 0.01...600, or: 10)
        hearing = try MelHearing(
            config, usual: .panns,
            windows: { Windows(rate: $0.rate, seconds: longest, short: config["seconds"] == nil ? .kept : .zeros) },
            fewestFrames: waves.isEmpty ? halvings : halvings + 1)
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
        case .normed: (bn0, data) = (isAlone ? nil : BatchNorm(scope["bn0"], width: bins), nil)
        case .standardized: (bn0, data) = (nil, Standardization(scope["data"], width: 1))
        }
        let convolutions = try config.integer("convolutions", in: 1...8, or: 2)
        let kernel = try config.integer("kernel", in: 1...15, or: 3)
        guard kernel % 2 == 1 else { throw ConfigError.inconsistent("kernel must be odd, not \(kernel)") }
        residual =
            layers.isEmpty
            ? nil
            : ResidualLayers(
                scope["residual"], from: first, counts: layers, isNarrow: try config.bool("narrow", or: false))
        wave = waves.isEmpty ? nil : try Wavegram(scope["wave"], widths: waves, bins: bins / 2)
        let entering = residual?.width ?? wave.map { $0.width + (isAlone ? 0 : first) } ?? first
        firstBlock = isAlone ? 1 : 0
        blocks = zip([1, entering] + widths.dropFirst(), widths).enumerated().dropFirst(firstBlock).map {
            index, sizes in
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

    /// The log-mel spectrograms of the item's windows, [T, M] each, or their samples, [N], for a wavegram; throws
    /// `AudioError`.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        guard wave != nil else { return try hearing.clips(of: item) }
        let frames = hearing.fewestFrames - 1
        let fewest = frames * max(hearing.spectrograph.mel.hop, Wavegram.samplesPerFrame / 2)
        return try hearing.windows.clips(of: item) { samples in
            let filled = samples + repeatElement(0, count: max(fewest - samples.count, 0))
            return Tensor(filled, [filled.count])
        }
    }

    /// One vector per spectrogram: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        let most = if case .inference = pass { mostNumbers } else { Int.max }
        guard let wave else { return clips.batched(width, most: most) { self($0, pass) } }
        // A clip has as many samples as five spectrograms have numbers.
        return clips.batched(width, most: most > Int.max / 5 ? most : most * 5) { samples in
            let learned = wave(samples, pass)
            guard firstBlock == 0 else { return headed(passed(learned, pass), pass) }
            let spectrograms = Tensor.stacked(
                (0..<samples.shape[0]).map { hearing.frames(of: samples.slice(axis: 0, $0..<$0 + 1).values) })
            return self(spectrograms, beside: learned, pass)
        }
    }

    /// [B, T, M] to [B, D]; `each` sees the normalised input and every block's pooled output, [B, T', M', C].
    package func callAsFunction(
        _ x: Tensor, beside learned: Tensor? = nil, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let x = bn0?(x, pass) ?? data?(x, pass) ?? x
        each("bn0", x)
        return headed(passed(x.reshaped(x.shape + [1]), beside: learned, pass, each: each), pass)
    }

    /// [B, T, M, C] through all blocks and residual layers, with what a wavegram made behind the first block.
    private func passed(
        _ x: Tensor, beside learned: Tensor? = nil, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        var x = x
        for (index, block) in blocks.enumerated() {
            x = block(x, pooled: poolsLast || index + 1 < blocks.count, pass)
            each("block\(index + 1)", x)
            if index == 0, let learned {
                let frames = min(x.shape[1], learned.shape[1])
                x = .concatenated([x, learned].map { $0.slice(axis: 1, 0..<frames) }, axis: 3)
            }
            x = block.dropout(x, pass)
            if index == 0, let residual { x = block.dropout(residual(x, pass).averagePool2D(kernel: (2, 2)), pass) }
        }
        return x
    }

    /// [B, T, M, C] to [B, D].
    private func headed(_ x: Tensor, _ pass: Pass) -> Tensor {
        let overTime = x.mean(axes: [2])
        if pooling == .local {
            let count = overTime.shape[1]
            let padded = overTime.padded([(0, 0), (1, 1), (0, 0)])
            // What leaves a block is never below the zeros at both ends.
            let threes = Tensor.stacked((0..<3).map { padded.slice(axis: 1, $0..<$0 + count) })
            let dropped = pooledDropout(threes.max(axes: [0]) + threes.mean(axes: [0]), pass)
            return outputDropout((fc.map { $0(dropped).relu() } ?? dropped).mean(axes: [1]), pass)
        }
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
        guard wave == nil else {
            throw ConfigError.inconsistent("a wavegram hears samples, which SpecAugment does not change")
        }
        let change = try SpecAugment(config)
        return { clip, random in change(clip, &random) }
    }

    /// Sounds at the same time: their powers are added; samples are not mixed.
    public var mixing: ClipMixing<Tensor>? { wave == nil ? hearing.mixing : nil }

    /// The length of the sound in seconds; throws `AudioError`.
    public func duration(of item: Item) throws -> Double? { try hearing.windows.duration(of: item) }
}
