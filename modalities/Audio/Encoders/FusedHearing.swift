internal import BinderyBinding
internal import BinderyTensors
internal import Foundation

/// How an encoder with feature fusion hears: a sound no longer than a window as one spectrogram, a longer one as four of
/// the same size: the whole, shrunk in time, and three close-ups.
///
/// Where the authors draw the close-ups at random, one from each third of the places where one can begin, ours begin in
/// the middle of each third, so that the same sound gives the same vector.
struct FusedHearing: Sendable {
    private let hearing: MelHearing
    /// Parts of a sound that become a clip each: all of it, unless it is very long.
    private let parts: Windows

    /// `hearing` for one window; sounds longer than `longest` seconds are cut into parts of that length.
    init(_ hearing: MelHearing, longest: Double) {
        self.hearing = hearing
        parts = {
            var parts = hearing.windows
            parts.seconds = max(longest, hearing.windows.seconds ?? 0)
            parts.every = parts.seconds ?? .infinity
            parts.short = .kept
            return parts
        }()
    }

    /// [T, M] or [4, T, M] for every part of the item.
    func clips(of item: Item) throws -> Clips<Tensor> {
        try parts.clips(of: item) { [self] in clip(of: $0) }
    }

    func duration(of item: Item) throws -> Double { try parts.duration(of: item) }

    private func clip(of samples: [Float]) -> Tensor {
        let length = hearing.windows.length ?? samples.count
        let frames = hearing.frames(of: hearing.windows.filled(samples))
        let usual = hearing.spectrograph.mel.frames(of: length)
        guard frames.shape[0] > usual else { return frames }
        let starts = FusedHearing.starts(places: frames.shape[0] - usual + 1)
        return .stacked(
            [FusedHearing.shrunk(frames, to: usual)] + starts.map { frames.slice(axis: 0, $0..<$0 + usual) })
    }

    /// The middle of each third of `places`, the first thirds the larger ones where three does not divide them.
    static func starts(places: Int) -> [Int] {
        var begin = 0
        return (0..<3).map { third in
            let count = places / 3 + (third < places % 3 ? 1 : 0)
            defer { begin += count }
            return count > 0 ? begin + (count - 1) / 2 : 0
        }
    }

    /// [T, M] to [count, M]: every frame is read between its two neighbours at the middle of its share of the time.
    static func shrunk(_ x: Tensor, to count: Int) -> Tensor {
        let length = x.shape[0]
        let scale = Double(length) / Double(count)
        let places = (0..<count).map { max((Double($0) + 0.5) * scale - 0.5, 0) }
        let weights = Tensor(places.map { Float($0 - $0.rounded(.down)) }, [count, 1])
        let before = x.gather(rows: places.map { min(Int($0), length - 1) })
        let after = x.gather(rows: places.map { min(Int($0) + 1, length - 1) })
        return before * (1 - weights) + after * weights
    }
}
