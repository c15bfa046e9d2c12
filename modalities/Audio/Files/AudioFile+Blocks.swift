extension AudioFile {
    /// Decodes from start to end, or a range of seconds, and hands over interleaved frames block by block; the memory
    /// used does not depend on the length.
    ///
    /// Throws `AudioError` at the first sample that is not finite, when decoding fails, when frames that the header
    /// promises are missing, and when more than `mostSamples` would come.
    public func forEachBlock(
        in range: Range<Double>? = nil, _ body: (UnsafeBufferPointer<Float>) -> Void
    ) throws(AudioError) {
        let decoder = try SoundDecoder(source)
        let (start, end) = try frames(of: range, decoder)
        let most = AudioFile.mostSamples / channels
        if let promised = decoder.promised, min(end, promised) - start > most {
            throw tooLong(min(end, promised) - start)
        }
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: framesPerBlock * channels)
        defer { buffer.deallocate() }
        guard let floats = buffer.baseAddress else { return }

        var done = decoder.move(to: start) ? start : 0
        while done < end {
            let count = decoder.read(min(framesPerBlock, (done < start ? start : end) - done), into: floats)
            if count == 0 { break }
            done += count
            if done <= start { continue }
            let samples = UnsafeBufferPointer(start: floats, count: count * channels)
            try samples.check(source.name, rate: rate, channels: channels, start: done - count)
            if done - start > most { throw tooLong(done - start) }
            body(samples)
        }
        try verify(start, done, end, decoder)
    }

    /// How many frames one block holds.
    var framesPerBlock: Int { max(65536 / channels, 64) }

    private func time(_ frame: Int) -> Double { Double(frame) / rate }

    private func tooLong(_ frames: Int) -> AudioError {
        AudioError(
            source.name,
            .tooLong(seconds: max(time(frames), seconds), most: time(AudioFile.mostSamples / channels)))
    }

    /// The frames that a range of seconds covers; the end is `Int.max` when all that is there is wanted.
    private func frames(of range: Range<Double>?, _ decoder: SoundDecoder) throws(AudioError) -> (start: Int, end: Int)
    {
        guard let range else { return (0, .max) }
        let (start, end) = ((range.lowerBound * rate).rounded(), (range.upperBound * rate).rounded())
        guard start >= 0, start < 1e15, end > start else {
            throw AudioError(source.name, .range(start: range.lowerBound, end: range.upperBound))
        }
        if let promised = decoder.promised, start >= Double(promised) {
            throw AudioError(source.name, .beyond(start: range.lowerBound, seconds: seconds))
        }
        return (Int(start), end < 1e15 ? Int(end) : .max)
    }

    /// Checks that decoding up to frame `done` was all that was asked for.
    private func verify(_ start: Int, _ done: Int, _ end: Int, _ decoder: SoundDecoder) throws(AudioError) {
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
            throw AudioError(source.name, start > 0 ? .beyond(start: time(start), seconds: seconds) : .noSamples)
        }
    }
}
