public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B clips, T frames, M mel bins, S the side of the picture, C channels, D width.

/// HTSAT (Chen and others 2022): a log-mel spectrogram, its time stretched and folded into strips that lie below one
/// another, read as a picture by a Swin Transformer; the vector is the mean over all positions.
///
/// With fusion (Wu and others 2023) a sound longer than a window is one clip of four spectrograms: the whole, shrunk, and
/// three close-ups. Parameters: `bn0`, `patches`, and those of `Swin`.
public struct HTSAT: Encoder {
    /// The length of the vectors.
    public let width: Int
    /// The most clips in one batch of inference: as many as keep the largest activation below 32 MiB.
    public let batchLimit: Int
    private let hearing: Hearing
    private let size: Int
    private let bn0: BatchNorm
    private let stretch: TimeStretch
    private let patches: HTSATPatches
    private let swin: Swin

    private enum Hearing {
        case windows(MelHearing)
        case fused(FusedHearing)
    }

    /// LAION-CLAP's sizes.
    private static let usual: SwinShape = {
        var shape = SwinShape.tiny
        shape.heads = [4, 8, 16, 32]
        shape.window = 8
        // Whatever a configuration says, LAION's code and transformers leave this one to torch.
        shape.lastEpsilon = 1e-5
        return shape
    }()

    /// Reads `features` (a `LogMel`, LAION-CLAP's unless said), `size` (the side of the picture), `patch`, `stride`, `fusion`,
    /// `fusionReduction`, `longest` (seconds that a fused clip may show), the keys of `SwinShape` and those of `Windows`.
    ///
    /// Windows are of 10 s; shorter sounds are repeated as often as they fit as a whole, and silence follows. Throws when
    /// a key is unknown or a size out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try config.allow(
            only: MelHearing.keys + SwinShape.keys + [
                "size", "patch", "stride", "fusion", "fusionReduction", "longest",
            ])
        var shape = try SwinShape(config, usual: HTSAT.usual)
        size = try config.integer("size", in: 8...4096, or: 256)
        let patch = try config.integer("patch", in: 1...64, or: 4)
        let stride = try config.integer("stride", in: 1...patch, or: patch)
        let isFused = try config.bool("fusion", or: false)
        let hearing = try MelHearing(
            config, usual: isFused ? .clapFused : .clap,
            windows: { Windows(rate: $0.rate, seconds: 10, short: .wholeRepeats) })
        let bins = hearing.spectrograph.mel.bins
        guard size % bins == 0, size % stride == 0, size / stride % shape.reduction == 0 else {
            throw ConfigError.inconsistent(
                "a size of \(size) is no multiple of \(bins) mel bins, or of \(shape.reduction) patches every \(stride)"
            )
        }
        let most = size / bins * size
        guard hearing.mostFrames <= most else {
            throw ConfigError.inconsistent(
                "windows of \(hearing.mostFrames) frames do not fit a picture of \(size)×\(size), which has \(most)")
        }
        let longest = try config.number("longest", in: 1...600, or: 300)
        if isFused {
            self.hearing = .fused(FusedHearing(hearing, longest: longest))
        } else {
            self.hearing = .windows(hearing)
        }
        let grid = size / stride
        shape.side = grid
        width = shape.lastWidth
        bn0 = BatchNorm(scope["bn0"], width: bins)
        stretch = TimeStretch(frames: most)
        patches = HTSATPatches(
            scope["patches"], patch: patch, stride: stride, width: shape.width,
            fusionReduction: isFused ? try config.integer("fusionReduction", in: 1...64, or: 4) : nil)
        swin = Swin(scope, shape)
        batchLimit = min(max((1 << 23) / (grid * grid * shape.width * 4), 1), 32)
    }

    /// The log-mel spectrograms of the item's windows; throws `AudioError`.
    ///
    /// They are [T, M] each; with fusion, a sound longer than a window is one of [4, T, M].
    public func clips(of item: Item) throws -> Clips<Tensor> {
        switch hearing {
        case .windows(let hearing): try hearing.clips(of: item)
        case .fused(let hearing): try hearing.clips(of: item)
        }
    }

    /// One vector per clip: [clips, D].
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { self($0, pass) }
    }

    /// [B, T, M] or [B, 4, T, M] to [B, D].
    ///
    /// `each` sees the "picture" [B, 1 or 4, S, S], the "patches", what `Swin` shows, and the normalised result as
    /// "last", maps as [B, H, W, C].
    package func callAsFunction(
        _ x: Tensor, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let (frames, bins) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
        let channels = x.rank == 4 ? x.shape[1] : 1
        let flat = bn0(x, pass).reshaped([x.shape[0] * channels, frames, bins])
        let picture = stretch(flat).reshaped([flat.shape[0], size / bins, size, bins]).permuted(0, 1, 3, 2)
            .reshaped([x.shape[0], channels, size, size])
        each("picture", picture)
        let map = patches(picture, pass)
        each("patches", map)
        let last = swin(map, pass, each: each)
        each("last", last)
        return last.mean(axes: [1, 2])
    }

    /// SpecAugment: `shift`, `timeStripes` and `binStripes`, each with `count` and `below`.
    public func augmentation(_ config: Config) throws -> Augmentation<Tensor> {
        let change = try SpecAugment(config)
        return { clip, random in
            guard clip.rank == 3 else { return change(clip, &random) }
            return .stacked(
                (0..<clip.shape[0]).map { channel in
                    change(clip.slice(axis: 0, channel..<channel + 1).reshaped(Array(clip.shape.dropFirst())), &random)
                })
        }
    }

    /// Sounds at the same time: their powers are added; not with feature fusion.
    public var mixing: ClipMixing<Tensor>? {
        guard case .windows(let hearing) = hearing else { return nil }
        return hearing.mixing
    }

    /// The length of the sound in seconds; throws `AudioError`.
    public func duration(of item: Item) throws -> Double? {
        switch hearing {
        case .windows(let hearing): try hearing.windows.duration(of: item)
        case .fused(let hearing): try hearing.duration(of: item)
        }
    }
}
