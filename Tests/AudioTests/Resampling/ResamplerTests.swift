import BinderyAudio
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct ResamplerTests {
    static let fixture = Fixture("audio")

    @Test(.enabled(if: fixture != nil), arguments: [("r22", 16000), ("r441", 48000), ("r48", 32000)])
    func agreesWithTheReferences(_ name: String, _ rate: Int) throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors")
        let sound = try AudioFile(contentsOf: fixture.file("inputs/\(name).wav")).waveform()
        let count = (sound.samples.count * rate + Int(sound.rate) - 1) / Int(sound.rate)

        let sinc = try Resampler.sinc(sound, to: Double(rate)).samples
        #expect(sinc.count == count)
        expectClose(sinc, try expected.tensor("\(name)_to\(rate)_torchaudio_sinc").values, relative: 0, absolute: 1e-5)

        let soxr = try Resampler.soxr(sound, to: Double(rate)).samples
        #expect(soxr.count == count)
        // librosa appends a zero where its ratio in floating point is a hair too large.
        let reference = try expected.tensor("\(name)_to\(rate)_soxr_hq").values.prefix(count)
        #expect(decibels(soxr[2000..<count - 2000], reference[2000..<count - 2000]) > 100)
        expectClose(soxr, Array(reference), absolute: 1e-3)
    }

    @Test(arguments: [16000, 44100])
    func agreesWithTheGolden(_ rate: Int) throws {
        let golden = try FrontEndGolden()
        let expected = try golden.tensors.tensor("soxr_\(rate)").values
        let actual = try Resampler.soxr(Waveform(golden.wave, rate: 32000), to: Double(rate)).samples
        expectClose(actual, expected, relative: 0, absolute: 1e-5)
    }

    /// The ratio of the reference's power to that of the difference.
    private func decibels(_ actual: ArraySlice<Float>, _ reference: ArraySlice<Float>) -> Double {
        var (signal, noise) = (0.0, 1e-30)
        for (a, b) in zip(actual, reference) {
            signal += Double(b) * Double(b)
            noise += Double(a - b) * Double(a - b)
        }
        return 10 * log10(signal / noise)
    }

    @Test(arguments: Resampler.allCases, [1, 2, 10, 799, 8000])
    func lengthsAreExact(_ resampler: Resampler, _ count: Int) throws {
        let pairs = [(44100, 48000), (48000, 16000), (8000, 44100), (11025, 32000), (32000, 32000), (96000, 44100)]
        for (from, to) in pairs {
            let sound = try Waveform(tone(200, rate: Double(from), count: count), rate: Double(from))
            let result = try resampler(sound, to: Double(to))
            let exact = (count * to + from - 1) / from
            #expect(result.samples.count - exact == 0 || resampler == .librosa && result.samples.count == exact + 1)
            #expect(result.rate == Double(to))
            #expect(result.samples.allSatisfy { $0.isFinite && abs($0) < 1 })
        }
    }

    /// librosa multiplies by 48000 / 44100, which is rounded up: two seconds become a zero longer.
    @Test func librosaCountsInFloatingPoint() throws {
        let sound = try Waveform(tone(200, rate: 44100, count: 88200), rate: 44100)
        let plain = try Resampler.soxr(sound, to: 48000).samples
        let theirs = try Resampler.librosa(sound, to: 48000).samples
        #expect(plain.count == 96000 && theirs.count == 96001)
        #expect(Array(theirs.dropLast()) == plain && theirs.last == 0)
    }

    /// Filters computed in single precision differ from those in double by what the phase is rounded to.
    @Test(arguments: [(22050, 16000), (44100, 16000), (48000, 44100)])
    func singlePrecisionIsNear(_ from: Int, _ to: Int) throws {
        let sound = try Waveform(tone(997, rate: Double(from), count: from), rate: Double(from))
        let double = try Resampler.sinc(sound, to: Double(to)).samples
        let single = try Resampler.sincSingle(sound, to: Double(to)).samples
        #expect(single != double)
        expectClose(single, double, relative: 0, absolute: 5e-5)
    }

    @Test(arguments: Resampler.allCases)
    func aToneStaysTheTone(_ resampler: Resampler) throws {
        let sound = try Waveform(tone(1000, rate: 44100, count: 44100), rate: 44100)
        let result = try resampler(sound, to: 32000).samples
        let expected = tone(1000, rate: 32000, count: 32000)
        expectClose(Array(result[2000..<30000]), Array(expected[2000..<30000]), relative: 2e-3)
    }

    @Test func fractionalRates() throws {
        let sound = try Waveform(tone(1000, rate: 44100, count: 4410), rate: 44100.5)
        #expect(try Resampler.soxr(sound, to: 16000).samples.count == 1600)
        #expect(throws: AudioError.self) { try Resampler.sinc(sound, to: 16000) }
        #expect(throws: AudioError.self) { try Resampler.soxr(sound, to: .nan) }
        #expect(throws: AudioError.self) { try Resampler.soxr(sound, to: 0) }
    }
}
