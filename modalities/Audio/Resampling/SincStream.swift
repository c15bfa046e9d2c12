internal import CKernels
internal import Foundation

/// Band-limited interpolation with a Hann-windowed sinc, one short filter per phase (Smith 2002, as torchaudio's
/// `resample` has it), over a sound that comes in pieces.
///
/// With the rates reduced to `a` → `b`, output i·b + p is Σ_j taps[p][j] · x[i·a + first[p] + j].
final class SincStream {
    /// Zero crossings on either side, and the part of the lower Nyquist frequency that passes.
    private static let (crossings, rolloff) = (6.0, 0.99)

    private let a: Int
    private let b: Int
    /// Filters by phase, made when first used: two rates without a common divisor have thousands.
    private var filters: [Filter?]
    /// How far filters reach beyond the sample at their time, on either side.
    private let reach: Int
    /// Samples from `start` on; before the sound there is silence.
    private var samples: [Float]
    private var start: Int
    /// The number of the next output.
    private var next = 0

    private struct Filter {
        let first: Int
        let taps: [Float]
    }

    private let isSingle: Bool

    /// With `isSingle` the filters are computed in single precision.
    init(from: Double, to: Double, isSingle: Bool) throws(AudioError) {
        self.isSingle = isSingle
        guard let from = Int(exactly: from), let to = Int(exactly: to) else {
            throw AudioError("the resampler", .fractionalRates(from: from, to: to))
        }
        let divisor = SincStream.greatestDivisor(from, to)
        (a, b) = (from / divisor, to / divisor)
        filters = Array(repeating: nil, count: b)
        reach = Int(SincStream.crossings * Double(a) / (Double(min(a, b)) * SincStream.rolloff)) + 2
        samples = Array(repeating: 0, count: reach)
        start = -reach
    }

    /// Takes samples and appends every output that they complete.
    func push(_ more: UnsafeBufferPointer<Float>, into output: inout [Float]) {
        samples.append(contentsOf: more)
        // Output n stands at n·a/b and needs all samples within reach of it.
        let complete = max((start + samples.count - reach) * b / a - 1, next)
        make(complete - next, into: &output)
    }

    /// Appends the last `count` outputs; after the sound there is silence.
    func finish(_ count: Int, into output: inout [Float]) {
        samples.append(contentsOf: repeatElement(0, count: 2 * reach + a))
        make(count, into: &output)
    }

    private func make(_ count: Int, into output: inout [Float]) {
        guard count > 0 else { return }
        let begin = next
        let made = [Float](unsafeUninitializedCapacity: count) { target, filled in
            filled = count
            guard let base = target.baseAddress else { return }
            for offset in 0..<min(b, count) {
                let (period, phase) = ((begin + offset) / b, (begin + offset) % b)
                let filter = filters[phase] ?? filter(phase)
                filters[phase] = filter
                ck_polyphase(
                    samples, period * a + filter.first - start, a, filter.taps, filter.taps.count, base + offset, b,
                    (count - offset + b - 1) / b)
            }
        }
        output.append(contentsOf: made)
        next += count
        let needed = next / b * a + next % b * a / b - reach
        if needed - start > 1 << 16 {
            samples.removeFirst(needed - start)
            start = needed
        }
    }

    /// The filter of one phase without the zeros outside its window: h(t) = sinc(t)·cos²(πt / 2·crossings) scaled to
    /// the pass band, where t counts zero crossings.
    private func filter(_ phase: Int) -> Filter {
        let band = Double(min(a, b)) * SincStream.rolloff
        let centre = Double(phase * a) / Double(b)
        let reach = SincStream.crossings * Double(a) / band
        let first = Int((centre - reach).rounded(.up))
        let last = Int((centre + reach).rounded(.down))
        // The reference rounds the time of the phase to single precision even where it goes on in double.
        let shift = Float(phase) / Float(b)
        let taps = (first...last).map { index in
            isSingle
                ? singleTap(Float(index) / Float(a) - shift, band)
                : doubleTap(Double(index) / Double(a) - Double(shift), band)
        }
        return Filter(first: first, taps: taps)
    }

    private func doubleTap(_ time: Double, _ band: Double) -> Float {
        let t = time * band
        let window = cos(t * .pi / SincStream.crossings / 2)
        let sinc = t == 0 ? 1 : sin(t * .pi) / (t * .pi)
        return Float(sinc * window * window * band / Double(a))
    }

    private func singleTap(_ time: Float, _ band: Double) -> Float {
        let t = time * Float(band)
        let window = cos(t * .pi / Float(SincStream.crossings) / 2)
        let angle = t * .pi
        return (t == 0 ? 1 : sin(angle) / angle) * (window * window * Float(band / Double(a)))
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }
}
