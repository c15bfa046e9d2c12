public import BinderyTensors
public import Foundation

/// A sound file: WAV, FLAC, OGG Vorbis or Opus, MP3, AIFF and what else libsndfile decodes, of any rate and number of
/// channels.
///
/// Samples come as floats with full scale at 1: 16-bit numbers are divided by 32768, 24-bit by 8388608, and so on;
/// floats stay as they are.
public struct AudioFile: Sendable {
    /// Samples per second and channel, in hertz.
    public let rate: Double
    /// The number of channels.
    public let channels: Int
    /// The length in seconds as the header has it; for MP3 an estimate.
    public let seconds: Double
    let source: ByteSource

    /// The most samples, over all channels, that one call decodes: 2 GiB of floats, 3.1 hours of 48 kHz.
    public static let mostSamples = 1 << 29

    /// Opens a file and reads its header; throws `AudioError`.
    public init(contentsOf url: URL) throws(AudioError) { try self.init(ByteSource(url)) }

    /// Reads the header of a sound file in memory; `name` stands for it in errors.
    ///
    /// Throws `AudioError`.
    public init(_ bytes: Data, name: String = "the sound") throws(AudioError) {
        try self.init(ByteSource(bytes, name: name))
    }

    private init(_ source: ByteSource) throws(AudioError) {
        let decoder = try SoundDecoder(source)
        if decoder.promised == 0 { throw AudioError(source.name, .noSamples) }
        self.source = source
        rate = decoder.rate
        channels = decoder.channels
        seconds = Double(decoder.estimate) / decoder.rate
    }

    /// The sound, or the part of it between two times in seconds, as one channel at the file's own rate.
    ///
    /// A range may end after the sound does. Throws `AudioError`.
    public func waveform(in range: Range<Double>? = nil, mixing: Mixing = .mean) throws(AudioError) -> Waveform {
        var samples: [Float] = []
        for part in mixing.parts(channels) {
            let reader = try SoundReader(source, range: range)
            while let block = try reader.next() { part.append(block, channels, to: &samples) }
        }
        return Waveform(finite: samples, rate: rate)
    }

    /// The samples of every channel, [channels, samples]; throws `AudioError`.
    public func decoded(in range: Range<Double>? = nil) throws(AudioError) -> Tensor {
        var channels = Array(repeating: [Float](), count: channels)
        try forEachBlock(in: range) { block in
            for index in channels.indices {
                Mixing.Part.channel(index).append(block, self.channels, to: &channels[index])
            }
        }
        let frames = channels.first?.count ?? 0
        return Tensor(shape: [channels.count, frames]) { target in
            guard let base = target.baseAddress else { return }
            for (index, samples) in channels.enumerated() {
                samples.withUnsafeBufferPointer { samples in
                    guard let from = samples.baseAddress else { return }
                    (base + index * frames).initialize(from: from, count: frames)
                }
            }
        }
    }

    /// Decodes from start to end, or a range of seconds, and hands over interleaved frames block by block.
    ///
    /// The memory used does not depend on the length. Throws `AudioError` at the first sample that is not finite, when
    /// decoding fails, when frames that the header promises are missing, and beyond `mostSamples`.
    public func forEachBlock(
        in range: Range<Double>? = nil, _ body: (UnsafeBufferPointer<Float>) -> Void
    ) throws(AudioError) {
        let reader = try SoundReader(source, range: range)
        while let block = try reader.next() { body(block) }
    }
}
