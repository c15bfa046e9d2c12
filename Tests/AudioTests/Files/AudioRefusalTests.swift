import BinderyAudio
import CSndfile
import Foundation
import Testing

/// Files that must not pass as sound.
@Suite struct AudioRefusalTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The error of opening and reading `url`; its description must be one sentence that begins with the path.
    private func refusal(_ url: URL) throws -> AudioError.Problem {
        do {
            _ = try AudioFile(contentsOf: url).waveform()
        } catch {
            let text = error.description
            #expect(text.hasPrefix(url.path) && text.contains("; ") && !text.contains("\n") && !text.hasSuffix("."))
            return error.problem
        }
        Issue.record("\(url.lastPathComponent) was read")
        return .noSamples
    }

    @Test func aMissingFile() throws {
        #expect(try refusal(scratch.url.appending(path: "none.wav")) == .absent)
    }

    @Test func aFolder() throws {
        #expect(try refusal(scratch.url) == .directory)
    }

    @Test func aPipe() throws {
        let url = scratch.url.appending(path: "pipe.wav")
        #expect(mkfifo(url.path, 0o600) == 0)
        #expect(try refusal(url) == .special)
    }

    @Test func anEmptyFile() throws {
        #expect(try refusal(scratch.file("empty.wav", Data())) == .noBytes)
    }

    @Test func noSamples() throws {
        #expect(try refusal(scratch.file("nothing.wav", wav([]))) == .noSamples)
    }

    @Test(arguments: ["this is a text", "RIFF", "fLaC", "OggS", "ID3", String(repeating: "bark ", count: 5000)])
    func text(_ content: String) throws {
        switch try refusal(scratch.file("text.wav", Data(content.utf8))) {
        case .notAudio: break
        case let other: Issue.record("\(other)")
        }
    }

    @Test(arguments: [0.2, 0.5, 0.9, 0.999])
    func aTruncatedFLAC(_ kept: Double) throws {
        let samples = tone(50, rate: 16000, count: 64000)
        let format = Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)
        let whole = try Data(contentsOf: scratch.encoded("whole.flac", format, samples, rate: 16000, channels: 1))
        let part = try scratch.file("part.flac", whole.prefix(Int(Double(whole.count) * kept)))
        switch try refusal(part) {
        case .truncated(let found, let promised): #expect(found < promised && promised == 4)
        case .damaged: break
        case let other: Issue.record("\(other)")
        }
    }

    @Test func aFLACWithAHole() throws {
        let samples = tone(50, rate: 16000, count: 64000)
        let format = Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)
        var data = try Data(contentsOf: scratch.encoded("whole.flac", format, samples, rate: 16000, channels: 1))
        for index in data.count / 2..<data.count / 2 + 3000 { data[index] = 0x55 }
        switch try refusal(scratch.file("hole.flac", data)) {
        case .truncated, .damaged: break
        case let other: Issue.record("\(other)")
        }
    }

    @Test func aTruncatedWAV() throws {
        let url = try scratch.file("short.wav", wav([Int16](repeating: 1, count: 16000), claiming: 64000))
        #expect(try refusal(url) == .truncated(found: 1, promised: 2))
        #expect(try AudioFile(contentsOf: url).waveform(in: 0..<0.5).samples.count == 8000)
    }

    @Test func aWAVFromAPipeIsWhole() throws {
        let url = try scratch.file("pipe.wav", wav([Int16](repeating: 1, count: 16000), claiming: 0xffff_ffff))
        #expect(try AudioFile(contentsOf: url).waveform().samples.count == 16000)
    }

    /// Eight hours at 16 kHz; nothing of that size may be allocated.
    @Test func aHeaderOfEightHoursWithNoData() throws {
        let hours = 8 * 3600 * 16000 * 2
        #expect(try refusal(scratch.file("hours.wav", wav([], claiming: hours))) == .noSamples)
        let url = try scratch.file("hours1.wav", wav([1], claiming: hours))
        #expect(try refusal(url) == .truncated(found: 1 / 16000, promised: 8 * 3600))
    }

    @Test func aFLACHeaderOfEightHoursWithNoData() throws {
        let format = Int(SF_FORMAT_FLAC) | Int(SF_FORMAT_PCM_16)
        let samples = tone(440, rate: 16000, count: 16000)
        let url = try scratch.encoded("whole.flac", format, samples, rate: 16000, channels: 1)
        var data = try Data(contentsOf: url)
        // The number of samples is the low 36 bits of bytes 18 ..< 26.
        let count = 8 * 3600 * 16000
        data[21] = data[21] & 0xf0 | UInt8(count >> 32 & 0xf)
        for (index, shift) in zip(22..<26, [24, 16, 8, 0]) { data[index] = UInt8(count >> shift & 0xff) }
        switch try refusal(scratch.file("hours.flac", data)) {
        case .truncated, .damaged: break
        case let other: Issue.record("\(other)")
        }
        data[21] |= 0xf
        switch try refusal(scratch.file("days.flac", data)) {
        case .tooLong(let seconds, let most): #expect(seconds > most)
        case let other: Issue.record("\(other)")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func samplesThatAreNoNumbers(_ value: Float) throws {
        var samples = tone(440, rate: 16000, count: 20000)
        samples[12000] = value
        #expect(try refusal(scratch.file("nan.wav", wav(floats: samples))) == .notFinite(at: 0.75))
        #expect(throws: AudioError("a", .notFinite(at: 0.75))) { try Waveform(samples, rate: 16000, source: "a") }
    }

    @Test func samplesThatAreTooLarge() throws {
        #expect(try refusal(scratch.file("loud.wav", wav(floats: [0, 1e10]))) == .tooLarge(at: 1 / 16000))
    }

    @Test(arguments: [0, 1, 999, 768_001, 0xffff_ffff])
    func absurdRates(_ rate: Int) throws {
        switch try refusal(scratch.file("rate.wav", wav([1, 2, 3], rate: rate))) {
        case .rate, .notAudio: break
        case let other: Issue.record("\(other)")
        }
    }

    @Test(arguments: [0, 2000, 65535])
    func absurdChannels(_ channels: Int) throws {
        switch try refusal(scratch.file("channels.wav", wav([1, 2, 3], channels: channels))) {
        case .notAudio, .noSamples: break
        case let other: Issue.record("\(other)")
        }
    }

    @Test func soundFromMemory() throws {
        #expect(throws: AudioError("the samples", .noSamples)) { try Waveform([], rate: 16000) }
        for rate in [0, -16000, 999, Double.nan, .infinity] {
            #expect(throws: AudioError.self) { try Waveform([0], rate: rate) }
        }
    }

    /// Every byte of the headers takes hostile values; nothing may trap.
    @Test func damagedHeadersNeverTrap() throws {
        let sound = wav([Int16](repeating: 3, count: 500))
        for index in 0..<44 {
            for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                var data = sound
                data[index] = value
                _ = try? AudioFile(data).waveform()
            }
        }
    }
}
