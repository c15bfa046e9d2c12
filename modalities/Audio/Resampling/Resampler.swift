/// A way from one sample rate to another.
///
/// `n` samples at rate `a` become `⌈n·b/a⌉` at rate `b` (librosa's may be one more); the first stays at time 0.
public enum Resampler: String, Codable, Sendable, CaseIterable {
    /// The SoX resampler at its high quality (20 bits), as librosa does.
    case soxr
    /// The same as librosa calls it, which computes the number of samples in floating point: where the quotient of the
    /// rates was rounded up, a sound of whole seconds gets a zero more, and is repeated once less where that no longer
    /// fits. LAION-CLAP and PANNs read their files so.
    case librosa
    /// The windowed sinc of torchaudio's defaults (Hann window, 6 zero crossings, 0.99 of the Nyquist frequency), as
    /// MS-CLAP does.
    case sinc
    /// The same with filters computed in single precision, as ImageBind does: where a sound has no energy, the filter
    /// bank shows what of it leaks through their rounding.
    case sincSingle = "sinc_single"

    /// The sound at `rate` hertz; throws `AudioError` when the rate is out of bounds or the result too long.
    public func callAsFunction(_ waveform: Waveform, to rate: Double) throws(AudioError) -> Waveform {
        let stream = try ResamplerStream(self, from: waveform.rate, to: rate)
        let count = length(of: waveform.samples.count, from: waveform.rate, to: rate)
        guard count <= AudioFile.mostSamples else {
            let most = Double(AudioFile.mostSamples) / rate
            throw AudioError("the resampler", .tooLong(seconds: waveform.seconds, most: most))
        }
        var samples: [Float] = []
        samples.reserveCapacity(count + 4096)
        try waveform.samples.withUnsafeBufferPointer { all throws(AudioError) in try stream.push(all, into: &samples) }
        try stream.finish(into: &samples)
        return Waveform(finite: samples, rate: rate)
    }

    /// How many samples `count` samples at rate `from` become at rate `to`; exact for whole numbers of hertz.
    func length(of count: Int, from: Double, to: Double) -> Int {
        if self == .librosa { return Int((Double(count) * (to / from)).rounded(.up)) }
        guard let a = Int(exactly: from), let b = Int(exactly: to) else {
            return Int((Double(count) * to / from).rounded(.up))
        }
        return (count * b + a - 1) / a
    }
}
