public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

/// ImageBind's sound encoder: a Transformer over patches of Kaldi's filter bank, three clips of two seconds per sound.
///
/// Parameters: `stem.weight`, `stem.norm`, and those of `ImageBindTrunk`. Shapes: `B` clips, `M` mel bins, `T` frames.
public struct ImageBindAudio: Encoder {
    /// The length of the vectors.
    public var width: Int { trunk.width }
    private let clips: EvenClips
    private let spectrograph: Spectrograph
    private let frames: Int
    private let stem: PatchEmbedding
    private let trunk: ImageBindTrunk

    /// What the reference subtracts from the filter bank, and divides by.
    static let (mean, deviation): (Float, Float) = (-4.268, 9.138)

    /// Reads `width`, `layers`, `heads`, `bins`, `frames`, `patch`, `stride`, `seconds` of a clip and `clips` per sound;
    /// throws when one is out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(
            only: TransformerShape.imageBindKeys + ["bins", "frames", "patch", "stride", "seconds", "clips"])
        let shape = try TransformerShape.imageBind(config, extraRow: true)
        let bins = try config.integer("bins", in: 1...512, or: 128)
        frames = try config.integer("frames", in: 1...65_536, or: 204)
        let patch = try config.integer("patch", in: 1...256, or: 16)
        let stride = try config.integer("stride", in: 1...256, or: 10)
        guard patch <= min(bins, frames) else {
            throw ConfigError.inconsistent("patch (\(patch)) must fit bins (\(bins)) and frames (\(frames))")
        }
        let mel = LogMel.imageBind.with { mel in
            mel.bins = bins
            mel.removesMean = false  // the clips come without theirs
        }
        guard mel.problems.isEmpty else { throw LogMelError(problems: mel.problems) }
        let seconds = try config.number("seconds", in: 0.1...600, or: 2)
        clips = EvenClips(
            rate: mel.rate, length: Int((seconds * mel.rate).rounded()),
            count: try config.integer("clips", in: 1...100, or: 3))
        spectrograph = Spectrograph(mel)
        stem = PatchEmbedding(scope["stem"], plane: (bins, frames), patch: patch, stride: stride, width: shape.width)
        trunk = ImageBindTrunk(scope, shape, tokens: stem.tokens)
    }

    /// The filter banks of the sound's clips, [M, T] each; throws `AudioError`.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let stream = try SampleStream(item, rate: clips.rate, resampler: .sincSingle, mixing: .first)
        var samples: [Float] = []
        while try stream.read(into: &samples) {
            guard samples.count <= AudioFile.mostSamples else {
                let most = Double(AudioFile.mostSamples) / clips.rate
                throw AudioError(item.name, .tooLong(seconds: Double(samples.count) / clips.rate, most: most))
            }
        }
        return Clips(clips.clips(of: samples, origin: item.range?.lowerBound ?? 0, filterBank))
    }

    /// The filter bank of one clip, normalised, silence behind it where it is short: [M, T].
    func filterBank(_ samples: [Float]) -> Tensor {
        let bank = spectrograph(samples)
        let missing = frames - bank.shape[0]
        let whole = missing > 0 ? bank.padded([(0, missing), (0, 0)]) : bank.slice(axis: 0, 0..<frames)
        return (whole.transposed() - Self.mean) / Self.deviation
    }

    /// One vector per filter bank: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, M, T] to [B, D]; `each` sees the output of every block.
    package func callAsFunction(
        _ banks: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor { trunk(stem(banks), pass, each: each) }

    /// The length of the sound in seconds; throws `AudioError`.
    public func duration(of item: Item) throws -> Double? {
        try Windows(rate: clips.rate, seconds: nil).duration(of: item)
    }
}
