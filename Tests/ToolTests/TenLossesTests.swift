import Bindery
import Foundation
import TestSupport
import Testing

@testable import BinderyTraining

/// The first ten losses of recipes against PyTorch's, from the same weights and batches, without dropout and augmentation
/// (Tests/Goldens/training/record_esc10_losses.py and record_baseline_losses.py).
@Suite struct TenLossesTests {
    static let recordings = Fixture(shared: "data/esc10")
    static let data = Fixture(shared: "data")
    static let anchor = Anchor.url

    private struct Golden: Decodable {
        struct Batch: Decodable {
            let samples: [Int]
            let templates: [Int]
        }
        let batches: [Batch]
        let losses: [Float]
    }

    @Test(.enabled(if: recordings != nil && anchor != nil)) func soundsOfESC10() throws {
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixture.golden("training/esc10_losses.json")))
        try expect(
            golden, of: "esc10-clap", try #require(Self.recordings).url,
            ["space.towers.audio.config.dropout=0", "space.towers.audio.config.headDropout=0"])
    }

    @Test(
        .enabled(if: data != nil && anchor != nil),
        arguments: [
            ("digits-bind", "", []), ("har-imu", "har", ["space.towers.imu.config.dropout=0"]),
            (
                "digits-direct", "",
                [
                    "space.towers.text.projection=linear", "space.towers.audio.config.features.range=null",
                    "space.towers.audio.config.features.removesBinMeans=false",
                ]
            ),
            ("mnist-simclr", "", []), ("mnist-supcon", "", []),
        ])
    func baselines(_ name: String, _ folder: String, _ settings: [String]) throws {
        let goldens = try JSONDecoder().decode(
            [String: Golden].self, from: Data(contentsOf: Fixture.golden("training/baseline_losses.json")))
        try expect(try #require(goldens[name]), of: name, try #require(Self.data).url.appending(path: folder), settings)
    }

    /// Takes the golden's batches through the first stage of a recipe.
    private func expect(_ golden: Golden, of name: String, _ root: URL, _ settings: [String]) throws {
        let anchor = try #require(Self.anchor)
        var settings = settings + ["data.root=\(root.path)", "training.augmentation=null"]
        if !name.hasPrefix("mnist") { settings.append("space.towers.text.weights=\(anchor.path)") }
        let recipe = try Recipe(
            contentsOf: Fixture.checkout.appending(path: "recipes/\(name).yaml"), settings: settings)
        let folder = try TemporaryFolder()
        let trainer = try Trainer(recipe, modalities: Modalities.all, folder: folder.url)
        let space = trainer.space
        for parameter in space.parameters.all where parameter.name.isStarting {
            let weight = space.parameters[parameter.name.replacing(/\.bias$/, with: ".weight")] ?? parameter
            let bound = 100 / Double(weight.count / weight.shape[0]).squareRoot()
            parameter.value = Self.weight("1" + parameter.name, parameter.shape, bound: bound)
        }
        let stage = recipe.stages[0]
        let samples = try stage.samples()
        var run = try StageRun(
            stage, number: 0, space: space, samples: samples, from: .init(), optimizer: stage.optimizer(of: space),
            report: { _ in })
        for (number, batch) in golden.batches.enumerated() {
            var drawn: [String: [Int]] = [:]
            for (tower, choices) in samples.choices {
                drawn[tower] = zip(batch.samples, batch.templates).map { choices[$0][tower == "text" ? $1 : 0] }
            }
            let line = try run.take(batch.samples, drawn, at: number)
            expectClose([line.loss], [golden.losses[number]], relative: 1e-4, "\(name), loss \(number)")
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
        let isOthers = hasPrefix("pairs.") || (hasPrefix("text.") && !hasPrefix("text.projection"))
        return !isOthers && !contains("norm") && !contains("bn0") && !contains(".data.")
    }
}
