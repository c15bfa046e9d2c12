/// What a log-mel spectrogram is, as data: every published front end differs from the others in some of these.
///
/// Decoding checks everything: sizes that no recording needs, and keys that do not exist, throw `LogMelError`.
public struct LogMel: Hashable, Sendable {
    /// Samples per second, in hertz.
    public var rate: Double
    /// Samples under the window.
    public var window: Int
    /// Samples per Fourier transform, even and at least `window`; the rest is zeros.
    public var transform: Int
    /// Samples from one frame to the next.
    public var hop: Int
    /// The shape of the window.
    public var taper = Taper.periodicHann
    /// What lies beyond both ends of the sound.
    public var edges = Edges.reflected
    /// Whether the mean of the whole clip is subtracted first.
    public var removesMean = false
    /// Whether the mean of every frame is subtracted, before emphasis and window.
    public var removesOffset = false
    /// How much of the sample before is subtracted from each sample of a frame: 0.97 with Kaldi, else 0.
    public var preEmphasis = 0.0
    /// Whether filters weigh the power or the magnitude of the spectrum.
    public var spectrum = Spectrum.power
    /// The number of mel filters.
    public var bins: Int
    /// The frequency where the first filter begins, in hertz.
    public var low: Double
    /// The frequency where the last filter ends, in hertz, at most the rate; filters beyond half the rate hear nothing.
    public var high: Double
    /// How frequencies become mels.
    public var scale = Scale.slaney
    /// Whether every filter is divided by its width, so that all have the same area.
    public var isAreaNormalised = true
    /// The last step.
    public var level = Level.decibels
    /// Numbers below are raised to it before the logarithm.
    public var floor: Float = 1e-10
    /// With decibels, how far below the loudest number of a clip the quietest may lie; nil for any.
    public var range: Float?
    /// Whether every bin's mean over the clip is subtracted last: a voice, a microphone and a room add nearly the same to all
    /// frames (cepstral mean subtraction, Atal 1974, here of the levels themselves).
    public var removesBinMeans = false

    /// The shape of a window.
    public enum Taper: String, Codable, Sendable {
        /// ½ − ½cos(2πi / window), the form for spectra.
        case periodicHann
        /// ½ − ½cos(2πi / (window − 1)), the form for filters.
        case symmetricHann
    }

    /// What lies beyond both ends of the sound.
    public enum Edges: String, Codable, Sendable {
        /// Frames are centred on multiples of the hop; beyond the ends the sound is mirrored.
        case reflected
        /// The same with silence beyond the ends.
        case silent
        /// The first frame begins with the sound and the last ends within it.
        case snipped
    }

    /// What the filters weigh.
    public enum Spectrum: String, Codable, Sendable { case power, magnitude }

    /// How frequencies become mels.
    public enum Scale: String, Codable, Sendable {
        /// Linear below 1 kHz, logarithmic above (Slaney 1998, Auditory Toolbox).
        case slaney
        /// 2595 log10(1 + f/700) (the HTK book), triangles over frequency.
        case htk
        /// 1127 ln(1 + f/700), triangles over mels (Kaldi).
        case kaldi
    }

    /// The last step.
    public enum Level: String, Codable, Sendable {
        /// 10 log10 x.
        case decibels
        /// ln x.
        case natural
        /// x itself.
        case linear
    }

    /// A front end that is centred and mirrored, with a periodic Hann window as long as the transform, Slaney filters
    /// of equal area, and decibels above 1e-10, as PANNs has it; change what differs.
    public init(rate: Double, window: Int, hop: Int, bins: Int, low: Double, high: Double) {
        (self.rate, self.window, self.hop, self.bins, self.low, self.high) = (rate, window, hop, bins, low, high)
        transform = window
    }

    /// How many frames `count` samples make.
    public func frames(of count: Int) -> Int {
        guard count > 0 else { return 0 }
        return edges == .snipped ? (count < window ? 0 : 1 + (count - window) / hop) : 1 + count / hop
    }
}
