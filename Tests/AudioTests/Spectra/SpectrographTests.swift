import BinderyAudio
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// The recorded 50 ms of sound and the front ends that were run on it.
struct FrontEndGolden {
    let tensors: Checkpoint
    let wave: [Float]

    init() throws {
        tensors = try Checkpoint(contentsOf: Fixture.golden("audio/frontends.safetensors"))
        wave = try tensors.tensor("wave").values
    }
}

@Suite struct SpectrographTests {
    static let fixture = Fixture("frontends")
    static let published: [(String, LogMel)] = [
        ("msclap2022_logmel", .msclap2022), ("panns32k_logmel", .panns), ("clap_slaney_logmel", .clap),
        ("clap_htk_logmel", .clapFused), ("librosa_db_top80", .librosa), ("kaldi_fbank", .imageBind),
        ("librosa_melpower", .librosa.with { $0.level = .linear }),
    ]

    @Test(.enabled(if: fixture != nil), arguments: ["w0", "w1", "w2", "w3"], published)
    func agreesWithThePublishedFrontEnds(_ file: String, _ entry: (name: String, mel: LogMel)) throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors").tensor("\(file)_\(entry.name)")
        let samples = try AudioFile(contentsOf: fixture.file("inputs/\(file).wav")).waveform().samples
        let actual = Spectrograph(entry.mel)(samples)
        let reference = entry.name.hasPrefix("librosa") ? transposed(expected) : expected.values
        #expect(actual.count == reference.count && actual.shape[1] == entry.mel.bins)
        // References that were recorded in single precision are off by as much themselves.
        let recorded = try JSONDecoder().decode(
            [String: [Float]].self, from: Data(contentsOf: fixture.file("precision.json")))
        let spread = recorded["\(file)_\(entry.name)"]?.first ?? 0
        switch entry.mel.level {
        case .decibels: expectCloseDecibels(actual.values, reference, spread: spread, "\(file) \(entry.name)")
        case .natural:
            expectClose(actual.values, reference, relative: 0, absolute: 1e-3 + spread, "\(file) \(entry.name)")
        case .linear: expectClose(actual.values, reference, relative: 1e-5, "\(file) \(entry.name)")
        }
    }

    @Test(.enabled(if: fixture != nil), arguments: ["w0", "w1", "w2", "w3"])
    func agreesWithTheSpectrum(_ file: String) throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors").tensor("\(file)_panns32k_power_first3frames")
        let samples = try AudioFile(contentsOf: fixture.file("inputs/\(file).wav")).waveform().samples
        let actual = Spectrograph(.panns).spectrum(samples)
        expectClose(Array(actual.values.prefix(expected.count)), expected.values, relative: 1e-5, file)
    }

    /// A microphone that is louder at some frequencies changes nothing: here one that is twice as loud at all.
    @Test func binsLoseTheirMeans() throws {
        let wave = try FrontEndGolden().wave
        let plain = Spectrograph(.panns)(wave)
        let centred = LogMel.panns.with { $0.removesBinMeans = true }
        let levels = Spectrograph(centred)(wave)
        expectClose(levels, plain - plain.mean(axes: [0]), relative: 0, absolute: 1e-4)
        #expect(levels.mean(axes: [0]).values.allSatisfy { abs($0) < 1e-3 })
        expectClose(Spectrograph(centred)(wave.map { 2 * $0 }), levels, relative: 0, absolute: 1e-3)
        #expect(Spectrograph(centred)([]).shape == [0, 64])
        let again = try JSONDecoder().decode(LogMel.self, from: JSONEncoder().encode(centred))
        #expect(again == centred)
    }

    @Test(.enabled(if: fixture != nil), arguments: [("panns32k", LogMel.panns), ("clap_htk", .clapFused)])
    func agreesWithTheFilterBanks(_ name: String, _ mel: LogMel) throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors").tensor("filterbank_\(name)")
        expectClose(Spectrograph(mel).filterBank, expected, relative: 0, absolute: 1e-6)
    }

    @Test(arguments: [
        ("panns", LogMel.panns), ("msclap2022", .msclap2022), ("clap", .clap), ("clapFused", .clapFused),
        ("librosa", .librosa), ("imageBind", .imageBind),
    ])
    func agreesWithTheGolden(_ name: String, _ mel: LogMel) throws {
        let golden = try FrontEndGolden()
        let expected = try golden.tensors.tensor(name)
        let actual = Spectrograph(mel)(golden.wave)
        #expect(actual.shape == expected.shape)
        if mel.level == .decibels {
            expectCloseDecibels(actual.values, expected.values, name)
        } else {
            expectClose(actual, expected, relative: 0, absolute: 1e-3, name)
        }
    }

    /// 1e-3 dB where there is sound, 0.3 dB between -60 and -90 dB, where single precision rounds.
    private func expectCloseDecibels(_ actual: [Float], _ expected: [Float], spread: Float = 0, _ note: String) {
        #expect(actual.count == expected.count)
        var (loud, quiet) = (Float(0), Float(0))
        for (a, b) in zip(actual, expected) {
            if b > -60 { loud = max(loud, abs(a - b)) } else if b > -90 { quiet = max(quiet, abs(a - b)) }
            if b == -100 { #expect(a == -100, "\(note): silence") }
        }
        #expect(loud <= 1e-3 + spread, "\(note) above -60 dB")
        #expect(quiet <= 0.3 + spread, "\(note) below -60 dB")
    }

    private func transposed(_ x: Tensor) -> [Float] {
        let values = x.values
        return (0..<x.shape[1]).flatMap { column in (0..<x.shape[0]).map { values[$0 * x.shape[1] + column] } }
    }

    @Test(arguments: [1, 2, 3, 511, 512, 700, 1023, 1024, 1025])
    func shortSoundsAreMirrored(_ count: Int) throws {
        let samples = (0..<count).map { Float(sin(Double($0) * 0.1)) }
        let mel = LogMel(rate: 32000, window: 1024, hop: 320, bins: 8, low: 50, high: 14000)
        let actual = Spectrograph(mel).spectrum(samples)
        #expect(actual.shape == [1 + count / 320, 513])
        // Mirrored by hand, then transformed by definition at three frequencies.
        var mirrored = samples
        while mirrored.count < 2 * 512 + 320 * 4 + 1024 + count {
            let back = count == 1 ? samples : Array(samples.dropLast().reversed())
            let forth = count == 1 ? samples : Array(samples.dropFirst())
            mirrored += back + forth
        }
        for frame in 0..<actual.shape[0] {
            for bin in [0, 5, 512] {
                var (re, im) = (0.0, 0.0)
                for index in 0..<1024 {
                    let window = 0.5 - 0.5 * cos(2 * .pi * Double(index) / 1024)
                    let place = abs(frame * 320 - 512 + index)
                    let x = Double(mirrored[place]) * window
                    let angle = -2 * .pi * Double(bin * index % 1024) / 1024
                    re += x * cos(angle)
                    im += x * sin(angle)
                }
                let value = Double(actual.values[frame * 513 + bin])
                #expect(abs(value - (re * re + im * im)) <= 1e-5 * max(1, re * re + im * im))
            }
        }
    }

    @Test func silenceIsTheFloor() {
        let levels = Spectrograph(.panns)([Float](repeating: 0, count: 5000)).values
        #expect(levels.allSatisfy { $0 == -100 })
        let natural = Spectrograph(.imageBind)([Float](repeating: 0, count: 5000)).values
        #expect(natural.allSatisfy { $0 == Float(log(Double(Float.ulpOfOne))) })
    }

    /// Settings may go beyond what a rate can hold (transformers' CLAP: 14 kHz at any rate).
    @Test func filtersBeyondHalfTheRateHearNothing() {
        let mel = LogMel(rate: 16000, window: 512, hop: 160, bins: 16, low: 50, high: 14000)
        #expect(mel.problems.isEmpty)
        let noise = (0..<4000).map { Float(($0 * 7919) % 1009) / 1009 - 0.5 }
        let levels = Spectrograph(mel)(noise)
        // The 15th filter begins at 7.4 kHz, the last at 9.1.
        let heard = (0..<16).map { bin in levels.slice(axis: 1, bin..<bin + 1).values.contains { $0 > -100 } }
        #expect(heard == (0..<16).map { $0 < 15 })
    }

    @Test func tooShortForOneSnippedFrame() {
        #expect(Spectrograph(.imageBind)(tone(440, rate: 16000, count: 399)).shape == [0, 128])
        #expect(Spectrograph(.imageBind)(tone(440, rate: 16000, count: 400)).shape == [1, 128])
        #expect(Spectrograph(.panns)([]).shape == [0, 64])
    }

    @Test func magnitudeIsTheRootOfPower() {
        let samples = tone(440, rate: 32000, count: 3000)
        let power = Spectrograph(.panns).spectrum(samples).values
        let magnitude = Spectrograph(.panns.with { $0.spectrum = .magnitude }).spectrum(samples).values
        expectClose(magnitude.map { $0 * $0 }, power, relative: 1e-6)
    }

    @Test func theNumberOfThreadsChangesNothing() {
        let samples = (0..<320_000).map { Float(sin(Double($0) * Double($0) * 1e-6)) }
        let several = Spectrograph(.panns)(samples).values
        let before = Threads.count
        defer { Threads.use(before) }
        Threads.use(1)
        #expect(Spectrograph(.panns)(samples).values == several)
    }
}
