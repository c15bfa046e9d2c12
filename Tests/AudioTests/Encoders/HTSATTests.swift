import BinderyBinding
import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@testable import BinderyAudio

@Suite struct HTSATTests {
    /// 1 kHz, windows of 16 frames of 4 bins, a picture of 8×8 in 4×4 patches of 2.
    static let small: Config = [
        "features": ["rate": 1000, "window": 64, "hop": 16, "bins": 4, "low": 0, "high": 500], "seconds": 0.24,
        "size": 8, "patch": 2, "width": 4, "depths": [2, 1], "heads": [2, 2], "window": 2,
    ]

    private func network(_ config: Config) throws -> HTSAT {
        let parameters = Parameters()
        let network = try HTSAT(config, parameters.scope)
        parameters.fill(seed: 5)
        return network
    }

    private func sound(_ seconds: Double) -> Item {
        Item(.samples(tone(110, rate: 1000, count: Int(seconds * 1000)), rate: 1000))
    }

    @Test func longSoundsAreWindowsOrFused() throws {
        var clips = try network(Self.small).clips(of: sound(0.6))
        let windows = try clips.next(10)
        #expect(windows.map(\.clip.shape) == [[16, 4], [16, 4], [16, 4]])
        let fused = try network(Self.small.setting("fusion", to: true).setting("longest", to: 2))
        #expect(try fused.duration(of: sound(0.6)) == 0.6)
        for (seconds, shapes) in [
            (0.1, [[16, 4]]), (0.24, [[16, 4]]), (0.6, [[4, 16, 4]]), (3, [[4, 16, 4], [4, 16, 4]]),
        ] {
            var clips = try fused.clips(of: sound(seconds))
            let found = try clips.next(10).map(\.clip)
            #expect(found.map(\.shape) == shapes)
            #expect(fused(found, .inference).isFinite)
        }
    }

    @Test func shortAndLongClipsKeepTheirOrder() throws {
        let fused = try network(Self.small.setting("fusion", to: true))
        let clips = [[16, 4], [4, 16, 4], [16, 4], [4, 16, 4]].enumerated()
            .map { Tensor.varied($1, seed: UInt64($0) + 1) }
        let alone = Tensor.concatenated(clips.map { fused([$0], .inference) }, axis: 0)
        expectClose(fused(clips, .inference), alone, relative: 1e-5)
    }

    @Test func closeUpsBeginInTheMiddleOfEachThird() {
        #expect(FusedHearing.starts(places: 201) == [33, 100, 167])
        #expect(FusedHearing.starts(places: 8) == [1, 4, 6])
        #expect(FusedHearing.starts(places: 2) == [0, 1, 0])
    }

    @Test func stretchingKeepsTheEndsAndStraightLines() {
        let line = Tensor((0..<9).map { Float($0) }, [1, 9, 1])
        let stretched = TimeStretch(frames: 17)(line)
        #expect(stretched.values.first == 0 && stretched.values.last == 8)
        #expect(abs(stretched.values[8] - 4) < 1e-6)
        expectClose(stretched.slice(axis: 1, 4..<13).values, (4..<13).map { Float($0) / 2 }, absolute: 1e-6)
        let one = Tensor([3, 4], [1, 1, 2])
        expectClose(TimeStretch(frames: 3)(one), Tensor([3, 4, 3, 4, 3, 4], [1, 3, 2]))
        expectGradient(at: [.varied([2, 5, 3])]) { TimeStretch(frames: 8)($0[0]) }
    }

    @Test(
        arguments: [
            ["size": 100], ["patch": 5], ["depths": [2]], ["heads": [1, 1, 1, 1], "width": 0], ["seconds": 60],
            ["fusion": "yes"], ["longest": 1e9], ["fusion": true, "fusionReduction": 0], ["windows": 3],
            ["size": 8, "depths": [1, 1, 1, 1, 1], "heads": [1, 1, 1, 1, 1]], ["size": 1_000_000],
        ] as [Config])
    func impossibleConfigurationsAreRefused(_ config: Config) {
        #expect(throws: (any Error).self) { try HTSAT(config, Parameters().scope) }
    }
}
