import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyImage

@Suite struct ConvNetTests {
    private func network(_ config: Config) throws -> (ConvNet, Parameters) {
        let parameters = Parameters()
        let network = try ConvNet(config, parameters.scope)
        parameters.fill(seed: 5)
        return (network, parameters)
    }

    @Test func picturesOfAnySizeBecomeVectors() throws {
        let (network, _) = try network(["size": [28, 56], "widths": [4, 6, 8], "embedding": 10])
        let pictures = [(28, 56), (30, 30), (200, 3)].map { height, width in
            Item(
                .bytes(
                    GreyPicture(
                        width: width, height: height, depth: 8, values: (0..<height * width).map { UInt16($0 % 251) }
                    ).png()))
        }
        let clips = try pictures.map { picture in
            var clips = try network.clips(of: picture)
            return try #require(try clips.next()?.clip)
        }
        for clip in clips { #expect(clip.shape == [28, 56, 1]) }
        let rows = network(clips, .inference)
        #expect(rows.shape == [3, 10])
        expectClose(network([clips[2]], .inference).values, Array(rows.values[20...]))
    }

    @Test func everyWeightLearns() throws {
        let (network, parameters) = try network(["size": 8, "widths": [3, 4], "embedding": 5, "channels": 3])
        for parameter in parameters.all { parameter.isFrozen = false }
        let clips = (0..<4).map { Tensor.varied([8, 8, 3], seed: UInt64($0)) }
        let gradients = network(clips, .training(Step(seed: 1))).sum().backward()
        for parameter in parameters.trainable { #expect(gradients[parameter] != nil, "\(parameter.name)") }
    }

    @Test func refusesImpossibleSizes() {
        for config: Config in [
            ["size": 3], ["size": 4_000_000_000], ["channels": 2], ["widths": []], ["embedding": 0], ["depth": 3],
            ["pixels": ["crop": 20]], ["pixels": ["resize": "shortest"]],
        ] {
            #expect(throws: ConfigError.self) { try ConvNet(config, Parameters().scope) }
        }
    }
}
