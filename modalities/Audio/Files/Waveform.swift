import CKernels

/// One channel of sound: samples in [-1, 1] by custom, and how many of them make a second.
public struct Waveform: Equatable, Sendable {
    /// The samples; every one is finite, and none larger than 2^31.
    public let samples: [Float]
    /// Samples per second, in hertz.
    public let rate: Double

    /// The sample rates that Bindery takes, in hertz.
    public static let rates = 1000.0...768_000.0

    /// The length in seconds.
    public var seconds: Double { Double(samples.count) / rate }

    /// Sound from memory; `source` names it in errors.
    ///
    /// Throws `AudioError` when there are no samples, when one is not finite, or when the rate is outside `rates`.
    public init(_ samples: [Float], rate: Double, source: String = "the samples") throws(AudioError) {
        guard Waveform.rates.contains(rate) else { throw AudioError(source, .rate(rate)) }
        guard !samples.isEmpty else { throw AudioError(source, .noSamples) }
        try samples.withUnsafeBufferPointer { samples throws(AudioError) in try samples.check(source, rate: rate) }
        self.init(finite: samples, rate: rate)
    }

    /// Sound that is known to be finite; it may have no samples.
    init(finite samples: [Float], rate: Double) {
        self.samples = samples
        self.rate = rate
    }
}

extension UnsafeBufferPointer<Float> {
    /// Throws when a sample is not finite, or too large for its spectrum to be; `start` is the frame that begins here.
    func check(_ source: String, rate: Double, channels: Int = 1, start: Int = 0) throws(AudioError) {
        guard let baseAddress else { return }
        let index = ck_first_outside(baseAddress, count, 0x1p31)
        guard index < count else { return }
        let time = Double(start + index / channels) / rate
        throw AudioError(source, self[index].isFinite ? .tooLarge(at: time) : .notFinite(at: time))
    }
}
