internal import BinderyLayers

/// How a sound becomes the clips that a network sees: fixed windows, never a random crop.
///
/// Windows start at 0, `every`, 2·`every` … seconds. When the last of them does not reach the end of the sound, one more
/// ends there; a rest of a tenth of a second or less is left out.
public struct Windows: Hashable, Sendable {
    /// Samples per second of the clips, in hertz.
    public var rate: Double
    /// The length of a clip in seconds; nil for whole sounds of any length.
    public var seconds: Double?
    /// From the start of one window to that of the next, in seconds; at most `seconds`.
    public var every: Double
    /// What becomes of sounds shorter than a window.
    public var short: Short
    /// How sounds come to the rate.
    public var resampler: Resampler
    /// How channels become one.
    public var mixing: Mixing
    /// Whether samples are rounded to 16 bits before the network hears them, as LAION-CLAP's authors do.
    public var rounds = false

    /// What becomes of sounds shorter than a window.
    public enum Short: String, Codable, Sendable, CaseIterable {
        /// Silence follows them.
        case zeros
        /// They are repeated until the window is full.
        case repeated = "repeat"
        /// They are repeated as often as they fit as a whole, and silence follows.
        case wholeRepeats = "repeatpad"
        /// They stay short.
        case kept = "keep"
    }

    /// Windows side by side.
    public init(
        rate: Double, seconds: Double?, short: Short = .zeros, resampler: Resampler = .soxr, mixing: Mixing = .mean
    ) {
        self.rate = rate
        self.seconds = seconds
        every = seconds ?? .infinity
        self.short = short
        self.resampler = resampler
        self.mixing = mixing
    }

    /// The keys that `init(_:usual:)` reads.
    static let keys = ["rate", "seconds", "every", "short", "resampler", "mixing", "rounds"]

    /// What an encoder's configuration says, and `usual` where it says nothing; throws on impossible values.
    init(_ config: Config, usual: Windows) throws(ConfigError) {
        let rates = Waveform.rates
        rate = try config.number("rate", in: rates, or: usual.rate)
        seconds = config["seconds"] == nil ? usual.seconds : try config.number("seconds", in: 0.01...600)
        every = try config.number("every", in: 0.01...(seconds ?? 600), or: seconds ?? .infinity)
        short = try config.choice("short", or: usual.short)
        resampler = try config.choice("resampler", or: usual.resampler)
        mixing = try config.choice("mixing", or: usual.mixing)
        rounds = try config.bool("rounds", or: usual.rounds)
    }

    /// Samples in a window.
    var length: Int? { seconds.map { max(Int(($0 * rate).rounded()), 1) } }

    /// Samples from one window to the next.
    var hop: Int { every.isFinite ? max(Int((every * rate).rounded()), 1) : .max }

    /// A sound of at most `length` samples as a window shows it.
    func filled(_ samples: [Float]) -> [Float] {
        guard let length, samples.count < length, !samples.isEmpty, short != .kept else { return samples }
        var clip: [Float] = []
        clip.reserveCapacity(length)
        let copies =
            switch short {
            case .zeros, .kept: 1
            case .wholeRepeats: length / samples.count
            case .repeated: (length + samples.count - 1) / samples.count
            }
        for _ in 0..<copies { clip.append(contentsOf: samples.prefix(length - clip.count)) }
        clip.append(contentsOf: repeatElement(0, count: length - clip.count))
        return clip
    }
}
