import BinderyAudio
import BinderyBinding
import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

/// The random changes of spectrograms, through the encoder that offers them.
@Suite struct SpecAugmentTests {
    private let clip = Tensor((0..<200).map { Float($0) }, [20, 10])

    private func changed(_ config: Config, _ clip: Tensor, seed: UInt64) throws -> Tensor {
        let network = try CNN14(["widths": [1]], Parameters().scope)
        var random = RandomSource(seed: seed)
        return try network.augmentation(config)(clip, &random)
    }

    @Test func nothingIsChangedUnasked() throws {
        #expect(try changed([:], clip, seed: 1).values == clip.values)
    }

    @Test func equalSeedsGiveEqualChanges() throws {
        let config: Config = [
            "shift": true, "timeStripes": ["count": 2, "below": 8], "binStripes": ["count": 2, "below": 4],
        ]
        let several = try (0..<10).map { try changed(config, clip, seed: $0).values }
        #expect(try changed(config, clip, seed: 3).values == several[3])
        #expect(Set(several).count == 10)
    }

    @Test func framesMoveRound() throws {
        var seen: Set<Int> = []
        for seed in 0..<200 {
            let moved = try changed(["shift": true], clip, seed: UInt64(seed)).values
            let shift = try #require(moved.firstIndex(of: 0)) / 10
            #expect(moved == Array(clip.values.suffix(shift * 10) + clip.values.prefix(200 - shift * 10)))
            seen.insert(shift)
        }
        #expect(seen == Set(0..<20))
    }

    @Test func framesSlideAlong() throws {
        let marked = Tensor((0..<200).map { Float($0 + 7) }, [20, 10])
        var seen: Set<Int> = []
        for seed in 0..<200 {
            let moved = try changed(["slide": 3], marked, seed: UInt64(seed)).values
            let frames = stride(from: 0, to: 200, by: 10).map { moved[$0 + 1] }
            let first = try #require(frames.firstIndex { $0 != 7 })
            let shift = first > 0 ? first : -Int((frames[0] - 8) / 10)
            let kept = 20 - abs(shift)
            let begin = max(-shift, 0)
            let expected = (begin..<begin + kept).map { Float($0 * 10 + 8) }
            #expect(Array(frames[first..<first + kept]) == expected)
            #expect(frames.count { $0 == 7 } == abs(shift))
            seen.insert(shift)
        }
        #expect(seen == Set(-3...3))
    }

    @Test func becomesLouderOrSofter() throws {
        let changes = try (0..<100).map { seed in
            let moved = try changed(["gain": 6], clip, seed: UInt64(seed)).values
            let differences = zip(moved, clip.values).map { $0 - $1 }
            let (least, most) = (differences.min() ?? 0, differences.max() ?? 0)
            #expect(most - least < 1e-3)
            return moved[0]
        }
        #expect(changes.allSatisfy { abs($0) <= 6 })
        let (softest, loudest) = (changes.min() ?? 0, changes.max() ?? 0)
        #expect(softest < -4)
        #expect(loudest > 4)
    }

    @Test func stripesHaveTheMean() throws {
        var widths: [Set<Int>] = [[], []]
        for seed in 0..<200 {
            let timed = try changed(["timeStripes": ["count": 1, "below": 4]], clip, seed: UInt64(seed)).values
            let frames = (0..<20).filter { frame in (0..<10).allSatisfy { timed[frame * 10 + $0] == 99.5 } }
            widths[0].insert(frames.count)
            #expect(frames.isEmpty || frames == Array(frames[0]...frames[frames.count - 1]))
            #expect(timed.count { $0 != 99.5 } == (20 - frames.count) * 10)
            let binned = try changed(["binStripes": ["count": 1, "below": 3]], clip, seed: UInt64(seed)).values
            let bins = (0..<10).filter { bin in (0..<20).allSatisfy { binned[$0 * 10 + bin] == 99.5 } }
            widths[1].insert(bins.count)
        }
        #expect(widths == [Set(0..<4), Set(0..<3)])
    }

    @Test func stripesNeverCoverAll() throws {
        let wide: Config = ["count": 1, "below": 1000]
        for seed in 0..<50 {
            let values = try changed(["timeStripes": wide, "binStripes": wide], clip, seed: UInt64(seed)).values
            #expect(values.contains { $0 != 99.5 })
        }
        #expect(try changed(["timeStripes": wide], .zeros([1, 1]), seed: 1).shape == [1, 1])
    }

    static let wrong: [Config] = [
        ["stripes": 3], ["shift": 3], ["timeStripes": ["count": -1, "below": 3]], ["timeStripes": ["count": 1]],
    ]

    @Test(arguments: wrong)
    func unknownWordsAreRefused(_ config: Config) {
        #expect(throws: ConfigError.self) { try changed(config, clip, seed: 1) }
    }

    @Test func mixingAddsPowers() throws {
        let network = try CNN14(["widths": [2]], Parameters().scope)
        let mixing = try #require(network.mixing)
        let mixed = mixing(Tensor([0, -100, 20], [1, 3]), Tensor([0, -10, 10], [1, 3]), 0.25)
        expectClose(mixed.values, [0, -16.0206, 18.8930], absolute: 1e-3)
        let long = Tensor([1, 2], [2, 1])
        #expect(mixing(long, Tensor([1], [1, 1]), 0.5).values == [1, 2])
    }
}
