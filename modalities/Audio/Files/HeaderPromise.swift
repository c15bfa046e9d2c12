/// What the header of a WAV or AIFF file promises.
///
/// libsndfile quietly shortens such files to the bytes that are there; a recording that was cut off while it was
/// copied must not pass as a shorter one.
struct HeaderPromise: Equatable {
    /// Bytes of samples that the header announces, and those that are there.
    let announced: Int
    let present: Int

    /// The promise of a file whose samples are cut off; nil for whole files, other formats, and streams whose writer
    /// could not know the length.
    init?(brokenBy source: ByteSource) {
        let head = source.bytes(at: 0, 12)
        guard head.count == 12 else { return nil }
        let isLittle: Bool
        let samples: String
        switch (String(decoding: head[0..<4], as: UTF8.self), String(decoding: head[8..<12], as: UTF8.self)) {
        case ("RIFF", "WAVE"): (isLittle, samples) = (true, "data")
        case ("FORM", "AIFF"), ("FORM", "AIFC"): (isLittle, samples) = (false, "SSND")
        default: return nil
        }
        var offset = 12
        while true {
            let chunk = source.bytes(at: offset, 8)
            guard chunk.count == 8 else { return nil }
            let digits = isLittle ? Array(chunk[4..<8].reversed()) : Array(chunk[4..<8])
            let size = digits.reduce(0) { $0 << 8 | Int($1) }
            offset += 8
            if chunk[0..<4].elementsEqual(samples.utf8) {
                announced = size
                present = source.count - offset
                break
            }
            offset += size + size % 2
        }
        // Writers into pipes announce the largest size they can; some count their headers in.
        guard announced < 0x7fff_0000, announced > present + 64 else { return nil }
    }
}
