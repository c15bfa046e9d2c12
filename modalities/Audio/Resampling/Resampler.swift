internal import CSoxr
internal import Foundation

/// A way from one sample rate to another.
///
/// `n` samples at rate `a` become `⌈n·b/a⌉` at rate `b`; the first stays at time 0.
public enum Resampler: String, Codable, Sendable, CaseIterable {
    /// The SoX resampler at its high quality (20 bits), as librosa does.
    case soxr
    /// The windowed sinc of torchaudio's defaults (Hann window, 6 zero crossings, 0.99 of the Nyquist frequency), as
    /// MS-CLAP and ImageBind do.
    case sinc

    /// The sound at `rate` hertz; throws `AudioError` when the rate is out of bounds or the result too long.
    public func callAsFunction(_ waveform: Waveform, to rate: Double) throws(AudioError) -> Waveform {
        guard waveform.rate != rate else { return waveform }
        guard Waveform.rates.contains(rate) else { throw AudioError("the resampler", .rate(rate)) }
        let count = Resampler.length(of: waveform.samples.count, from: waveform.rate, to: rate)
        guard count <= AudioFile.mostSamples else {
            throw AudioError(
                "the resampler", .tooLong(seconds: waveform.seconds, most: Double(AudioFile.mostSamples) / rate))
        }
        let samples =
            switch self {
            case .soxr: try Resampler.soxr(waveform, rate, count)
            case .sinc: try WindowedSinc(from: waveform.rate, to: rate)(waveform.samples, count)
            }
        return Waveform(finite: samples, rate: rate)
    }

    /// How many samples `count` samples at rate `from` become at rate `to`; exact for whole numbers of hertz.
    static func length(of count: Int, from: Double, to: Double) -> Int {
        guard let a = Int(exactly: from), let b = Int(exactly: to) else {
            return Int((Double(count) * to / from).rounded(.up))
        }
        return (count * b + a - 1) / a
    }

    private static func soxr(_ waveform: Waveform, _ rate: Double, _ count: Int) throws(AudioError) -> [Float] {
        guard !waveform.samples.isEmpty else { return [] }
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var failure: soxr_error_t?
        let samples = [Float](unsafeUninitializedCapacity: count) { target, made in
            failure = soxr_oneshot(
                waveform.rate, rate, 1, waveform.samples, waveform.samples.count, nil, target.baseAddress, count, &made,
                &format, &quality, nil)
            target[made...].initialize(repeating: 0)
            made = count
        }
        if let failure { throw AudioError("the resampler", .resampling(reason: String(cString: failure))) }
        return samples
    }
}
