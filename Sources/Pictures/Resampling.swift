import CKernels
import Foundation

/// The kernels that pictures are resized with; raw values are Pillow's numbers for them.
public enum Resampling: Int, Sendable, Hashable, CaseIterable {
    case nearest = 0
    case lanczos = 1
    case bilinear = 2
    /// Keys (1981) with a = -0.5.
    case bicubic = 3
    case box = 4
    case hamming = 5

    /// How far the kernel reaches, in pixels of the smaller picture.
    var reach: Double {
        switch self {
        case .nearest: 0
        case .lanczos: 3
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .box: 0.5
        }
    }

    /// The kernel at distance `x`.
    func callAsFunction(_ x: Double) -> Double {
        let distance = abs(x)
        switch self {
        case .nearest: return 0
        case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
        case .bilinear: return max(1 - distance, 0)
        case .hamming:
            if distance == 0 { return 1 }
            return distance < 1 ? sinc(distance) * (0.54 + 0.46 * cos(.pi * distance)) : 0
        case .bicubic:
            let a = -0.5
            if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
            return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0
        case .lanczos: return distance < 3 ? sinc(distance) * sinc(distance / 3) : 0
        }
    }

    private func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
}

/// How one axis is resampled: which inputs every output sums, and with what weights (in units of 2^-22).
///
/// When the picture shrinks the kernel widens with it, so that every input counts.
struct ResamplingAxis {
    private(set) var starts: [Int32] = []
    private(set) var counts: [Int32] = []
    private(set) var weights: [Int32] = []
    let taps: Int

    /// Weights for `window` of the `outputs` positions that `inputs` positions become.
    init(_ kernel: Resampling, from inputs: Int, to outputs: Int, window: Range<Int>) {
        let scale = Double(inputs) / Double(outputs)
        guard kernel != .nearest else {
            taps = 1
            // Pillow adds the scale up from position to position, and its rounding decides where one falls between two.
            var place = scale * 0.5
            let places = (0..<window.upperBound).map { _ in
                defer { place += scale }
                return Int32(min(place, Double(inputs - 1)))
            }
            starts = Array(places[window])
            counts = Array(repeating: 1, count: window.count)
            weights = Array(repeating: 1 << 22, count: window.count)
            return
        }
        let spread = max(scale, 1)
        let reach = kernel.reach * spread
        let narrowing = 1 / spread
        taps = Int(reach.rounded(.up)) * 2 + 1
        starts.reserveCapacity(window.count)
        counts.reserveCapacity(window.count)
        weights.reserveCapacity(window.count * taps)
        var row = [Double](repeating: 0, count: taps)
        for output in window {
            let center = (Double(output) + 0.5) * scale
            let first = max(Int(center - reach + 0.5), 0)
            let count = min(Int(center + reach + 0.5), inputs) - first
            var total = 0.0
            for tap in 0..<count {
                row[tap] = kernel((Double(tap + first) - center + 0.5) * narrowing)
                total += row[tap]
            }
            starts.append(Int32(first))
            counts.append(Int32(count))
            for tap in 0..<taps {
                let weight = tap < count ? row[tap] / (total == 0 ? 1 : total) * Double(1 << 22) : 0
                weights.append(Int32(weight < 0 ? weight - 0.5 : weight + 0.5))
            }
        }
    }

    /// Calls `body` with the axis as the kernels take it.
    func bound<R>(_ body: (UnsafePointer<ck_resample_axis>) -> R) -> R {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    // The arrays are never empty: a window has at least one output.
                    guard let first = starts.baseAddress, let count = counts.baseAddress,
                        let weight = weights.baseAddress
                    else { preconditionFailure("ResamplingAxis: an empty window") }
                    var axis = ck_resample_axis(
                        outputs: starts.count, taps: taps, starts: first, counts: count, weights: weight)
                    return body(&axis)
                }
            }
        }
    }
}
