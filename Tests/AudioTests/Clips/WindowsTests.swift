import BinderyAudio
import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// What encoders cut out of sounds; `CNN14` stands for them all.
@Suite struct WindowsTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The windows of an item as mel power, which tells sounds apart without rounding of logarithms.
    private func pieces(_ item: Item, _ config: [String: Config]) throws -> [Clips<Tensor>.Piece] {
        var config = config
        config["features"] = [
            "rate": 8000, "window": 64, "hop": 32, "bins": 4, "low": 0, "high": 4000, "level": "linear",
        ]
        config["widths"] = [1]
        let network = try CNN14(.map(config), Parameters().scope)
        var clips = try network.clips(of: item)
        return try clips.next(.max)
    }

    private var mel: Spectrograph {
        Spectrograph(LogMel(rate: 8000, window: 64, hop: 32, bins: 4, low: 0, high: 4000).with { $0.level = .linear })
    }

    static let covers: [(Double, [Range<Double>])] = [
        (0.5, [0.0..<0.5]), (1.0, [0..<1]), (1.05, [0..<1]), (1.5, [0..<1, 0.5..<1.5]), (2.0, [0..<1, 1..<2]),
        (3.75, [0..<1, 1..<2, 2..<3, 2.75..<3.75]),
    ]

    @Test(arguments: covers)
    func coverTheSound(_ seconds: Double, _ ranges: [Range<Double>]) throws {
        let samples = tone(300, rate: 8000, count: Int(seconds * 8000))
        let pieces = try pieces(Item(.samples(samples, rate: 8000)), ["seconds": 1])
        #expect(pieces.map(\.range) == ranges)
        for (piece, range) in zip(pieces, ranges) {
            let part = Array(samples[Int(range.lowerBound * 8000)..<Int(range.upperBound * 8000)])
            expectClose(piece.clip, mel(part + [Float](repeating: 0, count: 8000 - part.count)))
        }
    }

    @Test func overlap() throws {
        let item = Item(.samples(tone(300, rate: 8000, count: 20000), rate: 8000))
        let pieces = try pieces(item, ["seconds": 1, "every": 0.5])
        #expect(pieces.map(\.range) == [0..<1, 0.5..<1.5, 1..<2, 1.5..<2.5])
    }

    @Test func countFromTheStartOfTheFile() throws {
        let item = Item(.samples(tone(300, rate: 8000, count: 40000), rate: 8000), range: 1.25..<3.75)
        #expect(try pieces(item, ["seconds": 1]).map(\.range) == [1.25..<2.25, 2.25..<3.25, 2.75..<3.75])
        #expect(try pieces(item, ["seconds": 10]).map(\.range) == [1.25..<3.75])
    }

    @Test func soundsOneAfterTheOther() throws {
        let first = tone(300, rate: 8000, count: 6000)
        let second = tone(700, rate: 16000, count: 24000)
        let parts = [Item(.samples(first, rate: 8000)), Item(.samples(second, rate: 16000))]
        let item = Item(.joined(parts, seconds: 1))
        let pieces = try pieces(item, ["seconds": 2])
        #expect(pieces.map(\.range) == [0..<2])
        let alone = try parts.map { try self.pieces($0, ["seconds": 1])[0].clip }
        expectClose(pieces[0].clip.slice(axis: 0, 0..<240), alone[0].slice(axis: 0, 0..<240), relative: 1e-5)
        expectClose(pieces[0].clip.slice(axis: 0, 260..<480), alone[1].slice(axis: 0, 10..<230), relative: 1e-3)
        let network = try CNN14([:], Parameters().scope)
        #expect(try network.duration(of: item) == 2)
        #expect(try network.duration(of: Item(.joined(parts, seconds: nil))) == 2.25)
    }

    @Test(arguments: ["zeros", "repeat", "repeatpad", "keep"])
    func fillShortSounds(_ rule: String) throws {
        let samples = tone(300, rate: 8000, count: 3000)
        let pieces = try pieces(Item(.samples(samples, rate: 8000)), ["seconds": 1, "short": .text(rule)])
        let zeros = [Float](repeating: 0, count: 8000)
        let filled =
            switch rule {
            case "zeros": samples + zeros
            case "repeat": samples + samples + samples
            case "repeatpad": samples + samples + zeros
            default: samples
            }
        #expect(pieces.count == 1)
        expectClose(pieces[0].clip, mel(Array(filled.prefix(rule == "keep" ? 3000 : 8000))))
    }

    /// Blocks of decoding and resampling leave no seams.
    @Test(arguments: Resampler.allCases)
    func areCutFromTheWholeSound(_ resampler: Resampler) throws {
        let samples = (0..<400_000).map { Int16(20000 * sin(Double($0) * Double($0) * 2e-7)) }
        let url = try scratch.file("long.wav", wav(samples, rate: 44100))
        let whole = try resampler(AudioFile(contentsOf: url).waveform(), to: 8000).samples
        let pieces = try pieces(.file(url), ["seconds": 2, "resampler": .text(resampler.rawValue)])
        #expect(pieces.count == 5)
        for piece in pieces {
            let start = Int((try #require(piece.range).lowerBound * 8000).rounded())
            expectClose(piece.clip, mel(Array(whole[start..<start + 16000])), relative: 1e-5)
        }
    }

    @Test func concatenateChannels() throws {
        var samples: [Int16] = []
        for index: Int16 in 0..<4000 {
            samples.append(index)
            samples.append(-index / 2)
        }
        let item = Item(.bytes(wav(samples, rate: 8000, channels: 2)))
        let pieces = try pieces(item, ["seconds": 1, "mixing": "concatenated"])
        let left = stride(from: 0, to: 8000, by: 2).map { Float(samples[$0]) / 32768 }
        let right = stride(from: 1, to: 8000, by: 2).map { Float(samples[$0]) / 32768 }
        #expect(pieces.map(\.range) == [0..<1])
        expectClose(pieces[0].clip, mel(left + right))
        #expect(try self.pieces(item, ["seconds": 1])[0].range == 0..<0.5)
    }

    @Test func otherThingsAreNoSound() throws {
        for item in [Item.text("bark"), Item(.row(scratch.url, 3))] {
            #expect(throws: AudioError(item.name, .notSound)) { try pieces(item, [:]) }
        }
        #expect(throws: AudioError.self) { try pieces(.file(scratch.url), [:]) }
        #expect(throws: AudioError.self) { try pieces(Item(.samples([.nan], rate: 8000)), [:]) }
        let item = Item(.samples([0, 0], rate: 8000), range: 1..<2)
        #expect(throws: AudioError(item.name, .beyond(start: 1, seconds: 2 / 8000))) { try pieces(item, [:]) }
    }
}
