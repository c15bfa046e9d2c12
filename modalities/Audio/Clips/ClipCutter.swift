internal import BinderyBinding
internal import Foundation

/// Cuts an item into windows one after the other, holding no more of it than one window and a block.
final class ClipCutter: @unchecked Sendable {
    /// One window.
    struct Cut {
        let samples: [Float]
        /// The part of the item it shows, in seconds.
        let range: Range<Double>
    }

    private let windows: Windows
    private let stream: SampleStream
    /// Where the item begins in its file, in seconds.
    private let origin: Double
    /// The samples from number `base` on.
    private var held: [Float] = []
    private var base = 0
    /// Where the next window begins, and how far windows reached.
    private var start = 0
    private var covered = 0
    private var isEnded = false
    private var isFinished = false
    private let lock = NSLock()

    init(_ item: Item, _ windows: Windows) throws {
        self.windows = windows
        origin = item.range?.lowerBound ?? 0
        stream = try SampleStream(
            item, rate: windows.rate, resampler: windows.resampler, mixing: windows.mixing)
    }

    /// The next window; nil after the last.
    func next() throws -> Cut? {
        try lock.withLock {
            guard !isFinished else { return nil }
            let length = windows.length ?? .max / 2
            while !isEnded, base + held.count < start + length {
                let before = held.count
                isEnded = try !stream.read(into: &held)
                if windows.rounds { ClipCutter.round(&held[before...]) }
            }
            let total = base + held.count
            guard total >= start + length else {
                isFinished = true
                defer { held = [] }
                if covered == 0 { return cut(0, total) }
                return Double(total - covered) <= 0.1 * windows.rate ? nil : cut(total - length, total)
            }
            let window = cut(start, start + length)
            covered = start + length
            start += windows.hop
            let passed = min(start, total - length) - base
            if passed > 0 {
                held.removeFirst(passed)
                base += passed
            }
            return window
        }
    }

    /// Samples as 16-bit numbers hold them when fractions are dropped.
    private static func round(_ samples: inout ArraySlice<Float>) {
        for index in samples.indices {
            let level = (min(max(samples[index], -1), 1) * 32767).rounded(.towardZero)
            samples[index] = level / 32767
        }
    }

    private func cut(_ begin: Int, _ end: Int) -> Cut {
        Cut(
            samples: windows.filled(Array(held[begin - base..<end - base])),
            range: origin + Double(begin) / windows.rate..<origin + Double(end) / windows.rate)
    }
}

extension Windows {
    /// The windows of an item, each as `make` wants it; throws when the item cannot be read.
    func clips<Clip>(of item: Item, _ make: @escaping @Sendable ([Float]) throws -> Clip) throws -> Clips<Clip> {
        let cutter = try ClipCutter(item, self)
        return Clips {
            guard let cut = try cutter.next() else { return nil }
            return Clips.Piece(try make(cut.samples), range: cut.range)
        }
    }

    /// The length of an item in seconds, as its header has it; throws when it cannot be read.
    func duration(of item: Item) throws -> Double {
        let whole: Double
        if case .samples(let samples, let rate) = item.source {
            whole = Double(samples.count) / rate
        } else if case .joined(let parts, let seconds) = item.source {
            whole = try parts.reduce(0) { $0 + (try seconds ?? duration(of: $1)) }
        } else {
            whole = try AudioFile(item).seconds
        }
        guard let range = item.range else { return whole }
        return max(min(range.upperBound, whole) - range.lowerBound, 0)
    }
}
