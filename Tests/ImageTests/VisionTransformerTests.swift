import BinderyBinding
import BinderyImage
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct VisionTransformerTests {
    static let tiny: Config = ["size": 16, "patch": 4, "width": 8, "layers": 2, "heads": 2]

    private func encoder(_ changes: Config, seed: UInt64 = 1) throws -> (VisionTransformer, Parameters) {
        let parameters = Parameters()
        let config = (Self.tiny.asMap ?? [:]).merging(changes.asMap ?? [:]) { $1 }
        let encoder = try VisionTransformer(.map(config), parameters.scope["image"])
        parameters.fill(seed: seed)
        return (encoder, parameters)
    }

    private func pictures(_ count: Int, _ height: Int, _ width: Int, channels: Int = 3) -> [Tensor] {
        var random = RandomSource(seed: 5)
        return (0..<count).map { _ in random.uniform([height, width, channels], in: -1...1) }
    }

    @Test(
        arguments: [
            [:], ["pooling": "mean", "norm": "pooled"], ["class": false, "pooling": "head", "normsFirst": false],
            ["gated": true, "layerScale": 0.5, "registers": 3, "activation": "silu"], ["patches": "linear"],
            ["norm": "none", "class": false], ["attentionBias": false],
        ] as [Config])
    func companyDoesNotMatter(changes: Config) throws {
        let (encoder, _) = try encoder(changes)
        let all = pictures(2, 16, 16) + pictures(1, 12, 20) + pictures(1, 16, 16)
        let together = encoder(all, .inference)
        #expect(together.shape == [4, 8])
        for (row, picture) in all.enumerated() {
            expectClose(together.slice(axis: 0, row..<row + 1), encoder([picture], .inference), relative: 2e-5)
        }
    }

    /// Every parameter of every variant gets a gradient, so that each can be trained from scratch.
    @Test(
        arguments: [
            ["channels": 1, "size": 28, "patch": 7], ["class": false, "pooling": "head"],
            ["gated": true, "layerScale": 0.1, "registers": 2],
        ] as [Config])
    func learns(changes: Config) throws {
        let (encoder, parameters) = try encoder(changes)
        for parameter in parameters.all { parameter.isFrozen = false }
        let (edge, channels) = (changes["size"]?.asInteger ?? 16, changes["channels"]?.asInteger ?? 3)
        let result = encoder(pictures(2, edge, edge, channels: channels), .training(Step(seed: 1)))
        let gradients = (result * result * result).sum().backward()
        for parameter in parameters.all {
            let gradient = parameter.gradient(in: gradients)
            #expect(gradient?.isFinite == true, "\(parameter.name)")
            // A bias on keys adds the same to every score, which the softmax takes off again.
            guard !parameter.name.hasSuffix("key.bias") else { continue }
            #expect(gradient?.values.contains { $0 != 0 } == true, "\(parameter.name)")
        }
    }

    @Test(
        arguments: [
            ["size": 1_000_000], ["patch": 40], ["heads": 3], ["channels": 2], ["class": false, "pooling": "class"],
            ["width": 1_000_000_000], ["size": 16_384, "patch": 1], ["nonsense": 1], ["layers": -1],
        ] as [Config])
    func refuses(changes: Config) {
        #expect(throws: ConfigError.self) { try encoder(changes) }
    }

    @Test func refusesMoreOrLessThanItCanSee() throws {
        let (encoder, _) = try encoder(["pixels": ["resize": "none"]])
        let folder = try TemporaryFolder()
        for (name, edge) in [("small", 3), ("large", 600)] {
            let picture = Picture(width: edge, height: edge, pixels: [UInt8](repeating: 9, count: edge * edge * 3))
            try picture.png().write(to: folder.file("\(name).png"))
            #expect(throws: ImageError.self) { try encoder.clips(of: .file(folder.file("\(name).png"))) }
        }
    }
}
