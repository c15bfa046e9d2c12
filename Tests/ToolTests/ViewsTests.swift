import Bindery
import Foundation
import TestSupport
import Testing

/// Two views of one sound against each other, and vectors of frozen towers from an earlier run.
@Suite struct ViewsTests {
    private func recipe(_ world: World, _ loss: String) throws -> [String] {
        let recipe = """
            space:
              width: 8
              towers:
                audio: \(World.ears(projection: "mlp", dropout: 0))
              pairs:
                - {towers: [audio, audio], scale: {start: 5, learned: false}}
            loss: \(loss)
            data: {train: train.csv, columns: {audio: path}, group: label}
            training:
              epochs: 30
              batch: 8
              rate: 5e-3
              augmentation: {audio: {shift: true, gain: 6, mix: 0.2, binStripes: {count: 1, below: 4}}}
            """
        try Data(recipe.utf8).write(to: world.folder.file("views.yaml"))
        return [
            "train", world.path("views.yaml"), "--set", "data.root=\(world.folder.url.path)",
            "--out",
        ]
    }

    @Test(arguments: ["ntxent", "supcon"])
    func learnsFromTwoViews(_ loss: String) throws {
        guard let world = try World() else { return }
        let train = try recipe(world, loss)
        #expect(try world.tool(train + [world.path("a"), "--threads", "1"]).status == 0)
        let state = world.folder.file("b/training.safetensors").path
        try world.tool.kill(train + [world.path("b")]) { FileManager.default.fileExists(atPath: state) }
        let resumed = try world.tool(train + [world.path("b"), "--threads", "2", "--resume"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        for file in ["model.safetensors", "log.jsonl"] {
            #expect(
                try Data(contentsOf: world.folder.file("a/\(file)")) == Data(contentsOf: world.folder.file("b/\(file)"))
            )
        }
        let lines = try String(contentsOf: world.folder.file("a/log.jsonl"), encoding: .utf8).split(separator: "\n")
        let losses = try lines.map {
            try #require(try JSONDecoder().decode(Config.self, from: Data($0.utf8))["loss"]?.asNumber)
        }
        let (first, last) = (losses.prefix(6).reduce(0, +) / 6, losses.suffix(6).reduce(0, +) / 6)
        #expect(last < first - 0.1, "\(first) to \(last)")
    }

    @Test func keptVectorsChangeNothing() throws {
        guard let world = try World() else { return }
        let short = ["--set", "training.epochs=2"]
        let cache = world.folder.file("cache")
        #expect(try world.tool(world.training("none") + short).status == 0)
        #expect(!FileManager.default.fileExists(atPath: cache.path))
        for run in ["cold", "warm"] {
            #expect(try world.tool(world.training(run) + short + ["--cache", cache.path]).status == 0)
            #expect(
                try Data(contentsOf: world.folder.file("\(run)/model.safetensors"))
                    == Data(contentsOf: world.folder.file("none/model.safetensors")))
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: cache.path)
        #expect(kept.count == 1 && kept.allSatisfy { $0.hasSuffix(".safetensors") })
    }
}
