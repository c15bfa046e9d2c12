public import BinderyTensors
internal import CKernels
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

    /// How several channels become one.
    public enum Mixing: String, Codable, Sendable {
        /// The mean over the channels.
        case mean
        /// Channel after channel, as MS-CLAP reads its files.
        case concatenated
    }

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
        if mixing == .concatenated && channels > 1 {
            let parts = try decoded(in: range)
            return Waveform(finite: parts.values, rate: rate)
        }
        var samples: [Float] = []
        var mixed = [Float](repeating: 0, count: framesPerBlock)
        try forEachBlock(in: range) { block in
            let frames = block.count / channels
            mixed.withUnsafeMutableBufferPointer { mixed in
                guard let source = block.baseAddress, let target = mixed.baseAddress else { return }
                ck_mix_down(source, channels, frames, target)
                samples.append(contentsOf: UnsafeBufferPointer(start: target, count: frames))
            }
        }
        return Waveform(finite: samples, rate: rate)
    }

    /// The samples of every channel, [channels, samples]; throws `AudioError`.
    public func decoded(in range: Range<Double>? = nil) throws(AudioError) -> Tensor {
        var interleaved: [Float] = []
        try forEachBlock(in: range) { interleaved.append(contentsOf: $0) }
        let frames = interleaved.count / channels
        return Tensor(shape: [channels, frames]) { target in
            for channel in 0..<channels {
                var from = channel
                for to in channel * frames..<(channel + 1) * frames {
                    target[to] = interleaved[from]
                    from += channels
                }
            }
        }
    }
}
