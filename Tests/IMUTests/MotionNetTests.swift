import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyIMU

@Suite struct MotionNetTests {
    private func encoder(_ config: Config) throws -> MotionNet {
        let parameters = Parameters()
        let encoder = try MotionNet(config, parameters.scope)
        parameters.fill(seed: 3)
        return encoder
    }

    @Test func readsAnyNumberOfChannels() throws {
        let scratch = try TemporaryFolder()
        let file = scratch.url.appending(path: "all.npy")
        try NumpyFile.write(Tensor((0..<2 * 3 * 8).map(Float.init), [2, 3, 8]), to: file)
        let encoder = try encoder(["channels": 3, "samples": 8, "widths": [4], "kernels": [3]])
        var clips = try encoder.clips(of: Item(.row(file, 1)))
        let clip = try #require(try clips.next()?.clip)
        #expect(clip.shape == [8, 3])
        #expect(Array(clip.values.prefix(4)) == [24, 32, 40, 25])
        #expect(throws: MotionError.self) { try self.encoder(["channels": 5]).clips(of: Item(.row(file, 1))) }
        let table = Item(.bytes(Data("a,b,c\n1,2,3\n4,5,6\n".utf8)))
        var short = try encoder.clips(of: table)
        #expect(try short.next()?.clip.values.prefix(6) == [1, 2, 3, 4, 5, 6])
        #expect(throws: MotionError.self) { try encoder.clips(of: Item(.bytes(Data("a,b\n1,2\n".utf8)))) }
    }

    @Test func givesOneVectorPerWindow() throws {
        let encoder = try encoder(["channels": 2, "samples": 16, "widths": [4, 6], "kernels": [5, 3]])
        let windows = (0..<3).map { Tensor.varied([16, 2], seed: UInt64($0)) }
        let all = encoder(windows, .inference)
        #expect(all.shape == [3, 6])
        expectClose(encoder([windows[1]], .inference).values, Array(all.values[6..<12]))
    }

    @Test func everyWeightLearns() throws {
        let parameters = Parameters()
        let config: Config = ["channels": 2, "samples": 8, "widths": [3, 4], "kernels": [3, 3]]
        let encoder = try MotionNet(config, parameters.scope)
        parameters.fill(seed: 1)
        for parameter in parameters.all { parameter.isFrozen = false }
        let gradients = encoder([.varied([8, 2], seed: 5), .varied([8, 2], seed: 6)], .training(Step(seed: 0)))
            .sum().backward()
        for parameter in parameters.trainable { #expect(gradients[parameter] != nil, "\(parameter.name)") }
    }

    @Test func augmentsInDeviationsOfTheData() throws {
        let encoder = try encoder(["channels": 1, "samples": 4096, "widths": [1], "kernels": [1]])
        let step = Step(calibrating: 0)
        let wave = Tensor((0..<4096).map { $0 % 2 == 0 ? 90 : 110 }, [4096, 1])
        _ = encoder([wave], .training(step))
        step.commit()
        var random = RandomSource(seed: 1)
        let noisy = try encoder.augmentation(["noise": 0.1])(wave, &random)
        let difference = noisy - wave
        let deviation = (difference * difference).mean().item.squareRoot()
        #expect(abs(deviation - 1) < 0.05)
        let louder = try encoder.augmentation(["gain": 0.5])(wave, &random).values
        #expect(abs((louder[0] + louder[1]) / 2 - 100) < 1e-2)
        #expect(throws: ConfigError.self) { try encoder.augmentation(["shift": 1]) }
    }

    @Test func refusesImpossibleSizes() {
        for config: Config in [
            ["widths": [1, 2], "kernels": [3]], ["kernels": [5, 4, 3]], ["samples": 2], ["channels": 0],
            ["width": 3], ["widths": [4_000_000_000], "kernels": [3]],
        ] {
            #expect(throws: ConfigError.self) { try MotionNet(config, Parameters().scope) }
        }
    }
}
