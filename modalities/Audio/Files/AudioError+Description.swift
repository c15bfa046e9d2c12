import Foundation

extension AudioError: CustomStringConvertible {
    /// One sentence: the sound, what is wrong with it, and what to do.
    public var description: String { "\(source): \(problem); \(problem.advice)" }
}

extension AudioError.Problem: CustomStringConvertible {
    /// The problem as a clause without its source.
    public var description: String {
        switch self {
        case .absent: "there is no such file"
        case .directory: "this is a folder, not a sound"
        case .special: "this is a device, a pipe or a socket, not a file"
        case .unreadable(let reason): "cannot be read (\(reason))"
        case .noBytes: "the file is empty"
        case .notSound: "this is not a sound"
        case .notAudio(let reason): "this is not a sound in a known format (\(reason))"
        case .noSamples: "the sound has no samples"
        case .rate(let rate):
            """
            a sample rate of \(rate.formatted) Hz is outside \(Waveform.rates.lowerBound.formatted) to \
            \(Waveform.rates.upperBound.formatted) Hz
            """
        case .damaged(let reason, let at): "decoding fails after \(at.formatted) s (\(reason))"
        case .truncated(let found, let promised):
            "the sound ends after \(found.formatted) s where its header promises \(promised.formatted) s"
        case .notFinite(let at): "the sample at \(at.formatted) s is not a finite number"
        case .tooLarge(let at): "the sample at \(at.formatted) s is larger than any recording's (above 2^31)"
        case .tooLong(let seconds, let most):
            "\(seconds.formatted) s of sound are more than the \(most.formatted) s that are read at once"
        case .range(let start, let end): "\(start.formatted) to \(end.formatted) s is not a range of time"
        case .beyond(let start, let seconds):
            "the range begins at \(start.formatted) s, the sound ends after \(seconds.formatted) s"
        case .fractionalRates(let from, let to):
            "windowed-sinc resampling from \(from) to \(to) Hz needs whole numbers of hertz"
        case .resampling(let reason): "resampling fails (\(reason))"
        }
    }

    var advice: String {
        switch self {
        case .absent: "check the path"
        case .directory: "name the files inside it"
        case .special: "save the sound to a file first"
        case .unreadable: "check its permissions"
        case .notSound: "name a sound file"
        case .notAudio: "Bindery reads WAV, FLAC, OGG, MP3 and AIFF"
        case .noSamples: "leave it out or record it again"
        case .rate: "convert it to an ordinary rate"
        case .noBytes, .damaged, .truncated: "fetch or write it again"
        case .notFinite, .tooLarge: "repair or leave out this sound"
        case .tooLong: "name a range of time"
        case .range: "give a start of 0 or more and an end after it, in seconds"
        case .beyond: "choose an earlier range"
        case .fractionalRates, .resampling: "use the soxr resampler with ordinary rates"
        }
    }
}

extension Double {
    /// At most three decimals, none for whole numbers.
    fileprivate var formatted: String {
        guard isFinite else { return "\(self)" }
        var text = String(format: "%.3f", self)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
