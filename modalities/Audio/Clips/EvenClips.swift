import BinderyBinding

/// ImageBind's way to see a sound: a fixed number of clips, evenly spaced from its start to its end, that overlap where
/// it is short (Girdhar and others 2023, the released code).
struct EvenClips: Sendable {
    /// Samples per second.
    let rate: Double
    /// Samples of a clip.
    let length: Int
    /// How many there are.
    let count: Int

    /// Where each clip begins, for a sound of `samples`.
    ///
    /// The reference takes the length in seconds as a double and computes on with exact fractions, so that a length
    /// whose quotient is rounded down starts a sample earlier.
    func starts(_ samples: Int) -> [Int] {
        guard samples > length else { return Array(repeating: 0, count: count) }
        let seconds = Double(samples) / rate
        let isBelow = (-Double(samples)).addingProduct(seconds, rate) < 0
        return (0..<count).map { index in
            let (parts, reach) = (max(count - 1, 1), index * (samples - length))
            return reach % parts == 0 && isBelow && reach > 0 ? reach / parts - 1 : reach / parts
        }
    }

    /// The clips of a sound, each without its mean, as `make` wants them.
    ///
    /// The mean is taken off the sound itself, as the reference does: where clips overlap, the later one sees what the
    /// earlier one left.
    func clips<Clip>(
        of samples: [Float], origin: Double, _ make: ([Float]) -> Clip
    ) -> [Clips<Clip>.Piece] where Clip: Sendable {
        var samples = samples
        return starts(samples.count).map { start in
            let range = start..<min(start + length, samples.count)
            let mean = Float(samples[range].reduce(0) { $0 + Double($1) } / Double(max(range.count, 1)))
            for index in range { samples[index] -= mean }
            let seconds = origin + Double(range.lowerBound) / rate..<origin + Double(range.upperBound) / rate
            return Clips.Piece(make(Array(samples[range])), range: seconds)
        }
    }
}
