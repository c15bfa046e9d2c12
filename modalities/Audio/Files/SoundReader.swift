/// Decodes a file, or a range of its seconds, block by block, and checks everything on the way.
///
/// The memory used does not depend on the length. Errors: the first sample that is not finite, a decoder that fails,
/// frames that the header promises and that are missing, more than `AudioFile.mostSamples`.
final class SoundReader {
    let rate: Double
    let channels: Int
    private let source: ByteSource
    private let decoder: SoundDecoder
    private let start: Int
    /// The first frame that is not wanted; `Int.max` when all that is there is.
    private let end: Int
    private let buffer: UnsafeMutableBufferPointer<Float>
    private let framesPerBlock: Int
    private var done: Int
    private var isFinished = false

    init(_ source: ByteSource, range: Range<Double>?) throws(AudioError) {
        let decoder = try SoundDecoder(source)
        (start, end) = try decoder.frames(of: range)
        if let promised = decoder.promised, min(end, promised) - start > AudioFile.mostSamples / decoder.channels {
            throw decoder.tooLong(min(end, promised) - start)
        }
        self.source = source
        self.decoder = decoder
        (rate, channels) = (decoder.rate, decoder.channels)
        framesPerBlock = max(65536 / channels, 64)
        done = decoder.move(to: start) ? start : 0
        buffer = .allocate(capacity: framesPerBlock * channels)
    }

    deinit { buffer.deallocate() }

    /// The next interleaved frames, valid until the next call; nil after the last.
    func next() throws(AudioError) -> UnsafeBufferPointer<Float>? {
        guard let floats = buffer.baseAddress, !isFinished else { return nil }
        while done < end {
            let wanted = min(framesPerBlock, (done < start ? start : end) - done)
            let count = decoder.read(wanted, into: floats)
            if count == 0 { break }
            done += count
            if done <= start { continue }
            let samples = UnsafeBufferPointer(start: floats, count: count * channels)
            try samples.check(source.name, rate: rate, channels: channels, start: done - count)
            if done - start > AudioFile.mostSamples / channels { throw decoder.tooLong(done - start) }
            return samples
        }
        isFinished = true
        try verify()
        return nil
    }

    /// Checks that what was decoded is all that was asked for.
    private func verify() throws(AudioError) {
        let time = { (frame: Int) in Double(frame) / self.rate }
        if let reason = decoder.complaint {
            throw AudioError(source.name, .damaged(reason: reason, at: time(done)))
        }
        if let promised = decoder.promised, done < min(end, promised) {
            throw AudioError(source.name, .truncated(found: time(done), promised: time(promised)))
        }
        if done < end, let broken = HeaderPromise(brokenBy: source) {
            let promised = time(done) * Double(broken.announced) / Double(max(broken.present, 1))
            throw AudioError(source.name, .truncated(found: time(done), promised: promised))
        }
        guard done > start else {
            let length = time(decoder.estimate)
            throw AudioError(source.name, start > 0 ? .beyond(start: time(start), seconds: length) : .noSamples)
        }
    }
}

extension SoundDecoder {
    fileprivate func tooLong(_ frames: Int) -> AudioError {
        let most = AudioFile.mostSamples / channels
        return AudioError(
            source.name, .tooLong(seconds: Double(max(frames, estimate)) / rate, most: Double(most) / rate))
    }

    /// The frames that a range of seconds covers; the end is `Int.max` when all that is there is wanted.
    fileprivate func frames(of range: Range<Double>?) throws(AudioError) -> (start: Int, end: Int) {
        guard let range else { return (0, .max) }
        let (start, end) = ((range.lowerBound * rate).rounded(), (range.upperBound * rate).rounded())
        guard start >= 0, start < 1e15, end > start else {
            throw AudioError(source.name, .range(start: range.lowerBound, end: range.upperBound))
        }
        if let promised, start >= Double(promised) {
            throw AudioError(source.name, .beyond(start: range.lowerBound, seconds: Double(estimate) / rate))
        }
        return (Int(start), end < 1e15 ? Int(end) : .max)
    }
}
