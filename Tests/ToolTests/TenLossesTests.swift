import Bindery
import Foundation
import TestSupport
import Testing

@testable import BinderyTraining

/// The first ten losses of recipes/esc10-clap.yaml against PyTorch's, from the same weights and batches, without dropout
/// and augmentation (Tests/Goldens/training/record_esc10_losses.py).
@Suite struct TenLossesTests {
    static let recordings = Fixture(shared: "data/esc10")
    static let anchor = Anchor.url

    private struct Golden: Decodable {
        struct Batch: Decodable {
            let samples: [Int]
            let templates: [Int]
        }
        let batches: [Batch]
        let losses: [Float]
    }

    @Test(.enabled(if: recordings != nil && anchor != nil)) func agree() throws {
        let recordings = try #require(Self.recordings)
        let anchor = try #require(Self.anchor)
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixture.golden("training/esc10_losses.json")))
        let recipe = try Recipe(
            contentsOf: Fixture.checkout.appending(path: "recipes/esc10-clap.yaml"),
            settings: [
                "data.root=\(recordings.url.path)", "space.towers.text.weights=\(anchor.path)",
                "space.towers.audio.config.dropout=0", "space.towers.audio.config.headDropout=0",
                "training.augmentation=null",
            ])
        let folder = try TemporaryFolder()
        let trainer = try Trainer(recipe, modalities: Modalities.all, folder: folder.url)
        let space = trainer.space
        for parameter in space.parameters.all where parameter.name.isStarting {
            let fanIn = parameter.shape.count > 1 ? parameter.count / parameter.shape[0] : parameter.name.fanIn
            parameter.value = Self.weight(
                "1" + parameter.name, parameter.shape, bound: 100 / Double(fanIn).squareRoot())
        }
        let stage = recipe.stages[0]
        let samples = try stage.samples()
        var run = try StageRun(
            stage, number: 0, space: space, samples: samples, from: .init(), optimizer: stage.optimizer(of: space),
            report: { _ in })
        for (number, batch) in golden.batches.enumerated() {
            let drawn = [
                "audio": batch.samples.map { samples.choices["audio"]?[$0][0] ?? 0 },
                "text": zip(batch.samples, batch.templates).map { samples.choices["text"]?[$0][$1] ?? 0 },
            ]
            let line = try run.take(batch.samples, drawn, Step(seed: 0, stage: 0, number: number))
            expectClose([line.loss], [golden.losses[number]], relative: 1e-4, "loss \(number)")
        }
    }

    /// Uniform in ± bound: SplitMix64 of the FNV-1a hash of the name plus the element's index.
    private static func weight(_ name: String, _ shape: [Int], bound: Double) -> Tensor {
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Tensor(shape: shape) { target in
            for index in target.indices {
                var z = hash &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                z ^= z >> 31
                target[index] = Float((2 * (Double(z >> 40) / 16_777_216) - 1) * bound)
            }
        }
    }
}

extension String {
    /// Whether the golden starts this parameter by its formula.
    fileprivate var isStarting: Bool {
        let isOurs = hasPrefix("audio.") || hasPrefix("text.projection")
        return isOurs && !contains("norm") && !contains("bn0")
    }

    /// What a bias's bound comes from.
    fileprivate var fanIn: Int { hasPrefix("audio.") ? 256 : 384 }
}
