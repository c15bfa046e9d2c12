/// Settings that make no log-mel spectrogram.
public struct LogMelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Everything that is wrong, each a clause.
    public let problems: [String]

    /// An error that names every problem.
    public init(problems: [String]) { self.problems = problems }

    /// One sentence: what is wrong, and what to do.
    public var description: String {
        "log-mel settings: \(problems.joined(separator: ", ")); correct them in the model's configuration"
    }
}

extension LogMel {
    /// Everything that is wrong with these settings, each a clause; none for a front end that can be built.
    public var problems: [String] {
        var problems: [String] = []
        func require(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append(problem()) }
        }
        require(Waveform.rates.contains(rate), "a rate of \(rate) Hz is not in \(Waveform.rates)")
        require(
            (4...65536).contains(transform) && transform % 2 == 0,
            "a transform of \(transform) is not even and in 4...65536")
        require(
            (2...max(transform, 2)).contains(window), "a window of \(window) does not fit a transform of \(transform)")
        require((1...1 << 20).contains(hop), "a hop of \(hop) is not in 1...1048576")
        // At most four numbers per sample: memory stays in proportion to the sound.
        require((1...1024).contains(bins), "\(bins) bins are not in 1...1024")
        require(bins > 1024 || hop >= (bins + 3) / 4, "a hop of \(hop) is too short for \(bins) bins")
        // Published settings go beyond half the rate; filters there hear nothing.
        require(
            low >= 0 && low < high && high <= rate,
            "the frequencies \(low) to \(high) Hz are not a range within 0...\(rate)")
        require(preEmphasis >= 0 && preEmphasis <= 1, "a pre-emphasis of \(preEmphasis) is not in 0...1")
        require(floor >= 1e-30 && floor <= 1, "a floor of \(floor) is not in 1e-30...1")
        require(range.map { $0 > 0 && $0 <= 1000 } ?? true, "a range of \(range ?? 0) dB is not in 0...1000")
        return problems
    }
}
