import BinderyAudio
import BinderyLayers
import BinderyTensors
import CSndfile
import Foundation
import TestSupport
import Testing

@Suite struct AudioFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    static let fixture = Fixture("audio")

    @Test(
        .enabled(if: fixture != nil),
        arguments: [
            "mono16.aiff", "mono16.flac", "mono16.wav", "mono24.wav", "mono8.wav", "monodouble.wav", "monofloat.wav",
            "mulaw.wav", "stereo16.wav", "stereo24_extensible.wav", "stereo24.flac", "stereo32.wav", "mono.ogg",
            "stereo.ogg", "mono.mp3", "stereo.mp3",
        ])
    func decodesAsSoundfileDoes(_ name: String) throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors").tensor(
            "decoded_\(name.replacingOccurrences(of: ".", with: "_"))")
        let file = try AudioFile(contentsOf: fixture.file("inputs/\(name)"))
        #expect(file.channels == expected.shape[0])
        let decoded = try file.decoded()
        if name.hasSuffix("mp3") {
            try expectCloseAfterShift(decoded, expected, most: 1200, tolerance: 1e-3)
        } else {
            let tolerance: Float = name.hasSuffix("ogg") ? 1e-4 : name == "stereo32.wav" ? 1.2e-7 : 0
            expectClose(decoded, expected, relative: 0, absolute: tolerance, name)
        }
        let inMemory = try AudioFile(Data(contentsOf: fixture.file("inputs/\(name)")))
        #expect(try inMemory.decoded().values == decoded.values)
    }

    private func expectCloseAfterShift(_ a: Tensor, _ b: Tensor, most: Int, tolerance: Float) throws {
        #expect(a.shape[0] == b.shape[0] && abs(a.shape[1] - b.shape[1]) <= most)
        let (x, y) = (a.values, b.values)
        var best = Float.infinity
        for shift in -most...most {
            var worst: Float = 0
            for channel in 0..<a.shape[0] {
                let begin = max(0, -shift)
                let end = min(a.shape[1], b.shape[1] - shift)
                guard end - begin > b.shape[1] / 2 else { continue }
                for index in begin..<end where worst < best {
                    let difference = x[channel * a.shape[1] + index] - y[channel * b.shape[1] + index + shift]
                    worst = max(worst, abs(difference))
                }
            }
            best = min(best, worst)
        }
        #expect(best <= tolerance)
    }

    @Test func mixesByTheMean() throws {
        let url = try scratch.file("two.wav", wav([16384, -16384, 8192, 0, -32768, 32767], rate: 8000, channels: 2))
        let file = try AudioFile(contentsOf: url)
        #expect(file.seconds == 3 / 8000.0)
        let sound = try file.waveform()
        #expect(sound.rate == 8000)
        #expect(sound.samples == [0, 0.125, -0.5 / 32768])
        #expect(try file.waveform(mixing: .concatenated).samples == [0.5, 0.25, -1, -0.5, 0, 32767 / 32768])
    }

    @Test func mixesEightChannels() throws {
        let frames = 70_000
        let samples = (0..<frames * 8).map { Int16($0 % 8 == 7 ? 800 : 0) }
        let file = try AudioFile(contentsOf: scratch.file("eight.wav", wav(samples, rate: 48000, channels: 8)))
        #expect(file.channels == 8)
        let mixed = try file.waveform().samples
        #expect(mixed.count == frames)
        #expect(mixed.allSatisfy { abs($0 - 100 / 32768) < 1e-8 })
    }

    @Test(arguments: [1, 800, 16000 * 60 * 10])
    func readsFromOneSampleToTenMinutes(_ count: Int) throws {
        let samples = (0..<count).map { Int16(truncatingIfNeeded: $0) }
        let sound = try AudioFile(contentsOf: scratch.file("sound.wav", wav(samples))).waveform()
        #expect(sound.samples.count == count)
        #expect(sound.samples.last == Float(Int16(truncatingIfNeeded: count - 1)) / 32768)
    }

    @Test(arguments: ["sound.wav", "sound.flac", "sound.ogg", "sound.mp3"])
    func readsAPart(_ name: String) throws {
        let formats = [
            "wav": Int(SF_FORMAT_WAV) | Int(SF_FORMAT_PCM_16), "flac": Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16),
            "ogg": Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS),
            "mp3": Int(SF_FORMAT_MPEG) | Int(SF_FORMAT_MPEG_LAYER_III),
        ]
        let format = try #require(formats[String(name.split(separator: ".")[1])])
        let samples = (0..<200_000).map { Float(sin(Double($0) * Double($0) * 1e-7) * 0.5) }
        let file = try AudioFile(contentsOf: scratch.encoded(name, format, samples, rate: 32000, channels: 1))
        let whole = try file.waveform().samples
        let part = try file.waveform(in: 2.5..<4).samples
        #expect(part.count == 48000)
        expectClose(part, Array(whole[80000..<128_000]), absolute: name == "sound.mp3" ? 2e-3 : 1e-6, name)
        #expect(try file.waveform(in: 6..<60).samples.count == whole.count - 192_000)
        let beyond = AudioError.Problem.beyond(start: 7, seconds: file.seconds)
        #expect { try file.waveform(in: 7..<8) } throws: { ($0 as? AudioError)?.problem == beyond }
        for range in [-1.0..<1, 1..<1, 0..<Double.leastNonzeroMagnitude] {
            #expect(throws: AudioError.self) { try file.waveform(in: range) }
        }
    }

    @Test func hugeRangesAreClippedToTheSound() throws {
        let file = try AudioFile(contentsOf: scratch.file("sound.wav", wav([Int16](repeating: 7, count: 100))))
        #expect(try file.waveform(in: 0..<Double.infinity).samples.count == 100)
        #expect(throws: AudioError.self) { try file.waveform(in: 1e300..<Double.infinity) }
    }

    @Test func blocksHaveTheWholeSoundInOrder() throws {
        let samples: [Int16] = (0..<300_002).map { $0 % 2 == 0 ? Int16(truncatingIfNeeded: $0) : 0 }
        let file = try AudioFile(wav(samples, channels: 2))
        var seen: [Float] = []
        var most = 0
        try file.forEachBlock {
            seen.append(contentsOf: $0)
            most = max(most, $0.count)
        }
        #expect(seen == samples.map { Float($0) / 32768 })
        #expect(most <= 65536)
    }
}
