internal import CSoxr
internal import Foundation

/// One pass of a resampler over a sound that comes in pieces.
///
/// However the sound is cut, the result is the same, to rounding, and ⌈n·b/a⌉ samples long in the end.
final class ResamplerStream {
    private enum Method {
        case none
        case soxr(SoxrStream)
        case sinc(SincStream)
    }

    private let resampler: Resampler
    private let from: Double
    private let to: Double
    private var method: Method
    private var taken = 0
    private var made = 0

    init(_ resampler: Resampler, from: Double, to: Double) throws(AudioError) {
        for rate in [from, to] where !Waveform.rates.contains(rate) { throw AudioError("the resampler", .rate(rate)) }
        self.resampler = resampler
        self.from = from
        self.to = to
        method =
            switch resampler {
            case _ where from == to: .none
            case .soxr, .librosa: .soxr(try SoxrStream(from: from, to: to))
            case .sinc: .sinc(try SincStream(from: from, to: to, isSingle: false))
            case .sincSingle: .sinc(try SincStream(from: from, to: to, isSingle: true))
            }
    }

    /// Takes the next samples and appends what they make to `output`.
    func push(_ samples: UnsafeBufferPointer<Float>, into output: inout [Float]) throws(AudioError) {
        let before = output.count
        taken += samples.count
        switch method {
        case .none: output.append(contentsOf: samples)
        case .soxr(let stream): try stream.push(samples, into: &output)
        case .sinc(let stream): stream.push(samples, into: &output)
        }
        made += output.count - before
    }

    /// Appends what is left to `output`, so that the whole has its exact length.
    func finish(into output: inout [Float]) throws(AudioError) {
        let whole = resampler.length(of: taken, from: from, to: to)
        let before = output.count
        switch method {
        case .none: break
        case .soxr(let stream): try stream.finish(into: &output)
        case .sinc(let stream): stream.finish(whole - made, into: &output)
        }
        made += output.count - before
        if made < whole { output.append(contentsOf: repeatElement(0, count: whole - made)) }
        if made > whole { output.removeLast(min(made - whole, output.count)) }
        made = whole
    }
}

/// The SoX resampler at work.
private final class SoxrStream {
    private let handle: soxr_t
    private let ratio: Double

    init(from: Double, to: Double) throws(AudioError) {
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var failure: soxr_error_t?
        guard let handle = soxr_create(from, to, 1, &failure, &format, &quality, nil), failure == nil else {
            throw AudioError("the resampler", .resampling(reason: failure.map { String(cString: $0) } ?? "no memory"))
        }
        self.handle = handle
        ratio = to / from
    }

    deinit { soxr_delete(handle) }

    func push(_ samples: UnsafeBufferPointer<Float>, into output: inout [Float]) throws(AudioError) {
        var rest = samples[...]
        while !rest.isEmpty {
            let piece = UnsafeBufferPointer(rebasing: rest.prefix(1 << 16))
            rest = rest.dropFirst(try process(piece, into: &output))
        }
    }

    func finish(into output: inout [Float]) throws(AudioError) {
        var before: Int
        repeat {
            before = output.count
            _ = try process(nil, into: &output)
        } while output.count > before
    }

    /// Returns how many samples were taken.
    private func process(_ piece: UnsafeBufferPointer<Float>?, into output: inout [Float]) throws(AudioError) -> Int {
        let room = Int(Double(piece?.count ?? 4096) * ratio) + 64
        var (taken, made) = (0, 0)
        var failure: soxr_error_t?
        let samples = [Float](unsafeUninitializedCapacity: room) { target, count in
            failure = soxr_process(
                handle, piece?.baseAddress, piece?.count ?? 0, &taken, target.baseAddress, room, &made)
            count = made
        }
        if let failure { throw AudioError("the resampler", .resampling(reason: String(cString: failure))) }
        output.append(contentsOf: samples)
        return taken
    }
}
