import CSndfile
import Foundation
import Testing

/// A folder that goes away with the test.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "bindery-audio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ data: Data) throws -> URL {
        let file = url.appending(path: name)
        try data.write(to: file)
        return file
    }

    /// A file that libsndfile writes, interleaved samples.
    func encoded(_ name: String, _ format: Int, _ samples: [Float], rate: Int32, channels: Int32) throws -> URL {
        let file = url.appending(path: name)
        var info = SF_INFO()
        info.samplerate = rate
        info.channels = channels
        info.format = Int32(format)
        let handle = try #require(sf_open(file.path, Int32(SFM_WRITE), &info))
        let frames = sf_count_t(samples.count / Int(channels))
        #expect(sf_writef_float(handle, samples, frames) == frames)
        sf_close(handle)
        return file
    }
}

/// The bytes of a 16-bit WAV file, with whatever length its header shall claim.
func wav(_ samples: [Int16], rate: Int = 16000, channels: Int = 1, claiming bytes: Int? = nil) -> Data {
    wav(samples.withUnsafeBytes { Data($0) }, format: 1, bits: 16, rate: rate, channels: channels, claiming: bytes)
}

/// The bytes of a WAV file of 32-bit floats.
func wav(floats: [Float], rate: Int = 16000, channels: Int = 1) -> Data {
    wav(floats.withUnsafeBytes { Data($0) }, format: 3, bits: 32, rate: rate, channels: channels, claiming: nil)
}

private func wav(_ samples: Data, format: Int, bits: Int, rate: Int, channels: Int, claiming bytes: Int?) -> Data {
    func number(_ value: Int, _ size: Int) -> Data { Data((0..<size).map { UInt8(value >> (8 * $0) & 0xff) }) }
    let size = bytes ?? samples.count
    let frame = channels * bits / 8
    var data = Data("RIFF".utf8) + number(min(size + 36, 0xffff_ffff), 4) + Data("WAVEfmt ".utf8) + number(16, 4)
    data += number(format, 2) + number(channels, 2) + number(rate, 4) + number(rate * frame, 4)
    data += number(frame, 2) + number(bits, 2) + Data("data".utf8) + number(size, 4)
    return data + samples
}

/// A tone of `frequency` hertz with amplitude ½.
func tone(_ frequency: Double, rate: Double, count: Int) -> [Float] {
    (0..<count).map { Float(0.5 * sin(2 * .pi * frequency * Double($0) / rate)) }
}
