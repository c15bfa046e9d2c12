import CKernels
import Foundation

/// Band-limited interpolation with a Hann-windowed sinc, one short filter per phase (Smith 2002, as torchaudio's
/// `resample` has it).
///
/// With the rates reduced to `a` → `b`, output i·b + p is Σ_j taps[p][j] · x[i·a + first[p] + j].
struct WindowedSinc {
    /// Zero crossings on either side, and the part of the lower Nyquist frequency that passes.
    static let (crossings, rolloff) = (6.0, 0.99)

    private let a: Int
    private let b: Int

    init(from: Double, to: Double) throws(AudioError) {
        guard let a = Int(exactly: from), let b = Int(exactly: to) else {
            throw AudioError("the resampler", .fractionalRates(from: from, to: to))
        }
        let divisor = WindowedSinc.greatestDivisor(a, b)
        (self.a, self.b) = (a / divisor, b / divisor)
    }

    /// The first `count` samples of the result; outside of `samples` there is silence.
    func callAsFunction(_ samples: [Float], _ count: Int) -> [Float] {
        let phases = (0..<min(b, count)).map(taps)
        let before = phases.map { -$0.first }.max() ?? 0
        let after = a + (phases.map { $0.first + $0.taps.count }.max() ?? 0)
        let padded = [Float](repeating: 0, count: before) + samples + [Float](repeating: 0, count: after + a)
        return [Float](unsafeUninitializedCapacity: count) { target, made in
            made = count
            guard let base = target.baseAddress else { return }
            for (phase, filter) in phases.enumerated() {
                ck_polyphase(
                    padded, before + filter.first, a, filter.taps, filter.taps.count, base + phase, b,
                    (count - phase + b - 1) / b)
            }
        }
    }

    /// The filter of one phase without the zeros outside its window: h(t) = sinc(t)·cos²(πt / 2·crossings) scaled to
    /// the pass band, where t counts zero crossings.
    private func taps(_ phase: Int) -> (first: Int, taps: [Float]) {
        let band = Double(min(a, b)) * WindowedSinc.rolloff
        let centre = Double(phase * a) / Double(b)
        let reach = WindowedSinc.crossings * Double(a) / band
        let first = Int((centre - reach).rounded(.up))
        let last = Int((centre + reach).rounded(.down))
        let taps = (first...last).map { index in
            let t = (Double(index) / Double(a) - Double(phase) / Double(b)) * band
            let window = cos(t * .pi / WindowedSinc.crossings / 2)
            let sinc = t == 0 ? 1 : sin(t * .pi) / (t * .pi)
            return Float(sinc * window * window * band / Double(a))
        }
        return (first, taps)
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }
}
