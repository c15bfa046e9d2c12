/// Why a sound cannot be used: where it comes from, and what is wrong with it.
public struct AudioError: Error, Equatable, Sendable {
    /// The path of the file, or a word for sound that comes from elsewhere.
    public let source: String
    /// What is wrong.
    public let problem: Problem

    /// An error about the sound that `source` names.
    public init(_ source: String, _ problem: Problem) {
        self.source = source
        self.problem = problem
    }

    /// One way in which a sound can be unusable; times are in seconds, rates in hertz.
    public enum Problem: Equatable, Sendable {
        case absent
        case directory
        case special
        case unreadable(reason: String)
        case noBytes
        case notSound
        case notAudio(reason: String)
        case noSamples
        case rate(Double)
        case damaged(reason: String, at: Double)
        case truncated(found: Double, promised: Double)
        case notFinite(at: Double)
        case tooLarge(at: Double)
        case tooLong(seconds: Double, most: Double)
        case range(start: Double, end: Double)
        case beyond(start: Double, seconds: Double)
        case fractionalRates(from: Double, to: Double)
        case resampling(reason: String)
    }
}
