import Bindery
import Foundation
import TestSupport
import Testing

/// Training through the tool: it learns, it repeats, it survives.
@Suite struct ToolTrainingTests {
    @Test func learnsToNameSounds() throws {
        guard let world = try World() else { return }
        #expect(try world.tool(world.training("run")).status == 0)
        let outcome = try world.tool(
            "evaluate", "zero-shot", world.path("run"), "--as", "audio", "--manifest", world.path("train.csv"),
            "--classes", world.path("classes.csv"), "--template", "{}", "--template", "a sound of {}", "--json",
            world.path("out.json"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let result = try Config(json: world.folder.file("out.json"))
        #expect(result["task"]?.asText == "zero-shot")
        #expect(result["items"]?.asInteger == 24)
        let accuracy = try #require(result[path: "metrics.acc1"]?.asNumber)
        #expect(accuracy > 0.8, "three pitches are easy: \(accuracy)")
        #expect(result[path: "metrics.ensemble"]?.asNumber == accuracy)
        #expect(result[path: "metrics.per_template"]?.asMap?.count == 2)
        #expect(result[path: "metrics.acc1_ci95"]?.asList?.count == 2)
        #expect(result[path: "metrics.mean_per_class_recall"]?.asNumber == accuracy)
    }

    @Test func equalSeedsGiveEqualBytesOnAnyNumberOfThreads() throws {
        guard let world = try World() else { return }
        let short = ["--set", "training.epochs=2"]
        #expect(try world.tool(world.training("a") + short + ["--threads", "1"]).status == 0)
        #expect(try world.tool(world.training("b") + short + ["--threads", "2"]).status == 0)
        #expect(try world.tool(world.training("c") + short + ["--set", "training.seed=1"]).status == 0)
        let bytes = try ["a", "b", "c"].map { try Data(contentsOf: world.folder.file("\($0)/model.safetensors")) }
        #expect(bytes[0] == bytes[1])
        #expect(bytes[0] != bytes[2])
        let logs = try ["a", "b"].map { try Data(contentsOf: world.folder.file("\($0)/log.jsonl")) }
        #expect(logs[0] == logs[1])
        let lines = String(decoding: logs[0], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 8)
        let losses = try lines.map { line in
            let line = try JSONDecoder().decode(Config.self, from: Data(line.utf8))
            return (loss: try #require(line["loss"]?.asNumber), floor: try #require(line["floor"]?.asNumber))
        }
        // Six sounds of three pitches and two templates: some of their sentences are equal.
        #expect(losses.allSatisfy { $0.loss > $0.floor - 1e-4 } && losses.contains { $0.floor > 0.2 })
    }

    /// Clips that memory has no room for come back from disk as they were, and leave nothing behind.
    @Test func clipsOnDiskTeachTheSame() throws {
        guard let world = try World() else { return }
        #expect(try world.tool(world.training("memory")).status == 0)
        let disk = try world.tool(world.training("disk", "--set", "training.cache=0"))
        #expect(disk.status == 0, "\(disk.errors)")
        for file in ["model.safetensors", "log.jsonl"] {
            #expect(
                try Data(contentsOf: world.folder.file("memory/\(file)"))
                    == Data(contentsOf: world.folder.file("disk/\(file)")), "\(file)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: world.path("disk"))
        #expect(!left.contains { $0.hasPrefix("clips") }, "\(left)")
    }

    @Test func aKilledRunResumesToTheSameBytes() throws {
        guard let world = try World() else { return }
        let training = { world.training($0, "--set", "recalibrate=[audio]") }
        #expect(try world.tool(training("whole")).status == 0)
        let state = world.folder.file("broken/training.safetensors").path
        try world.tool.kill(training("broken")) { FileManager.default.fileExists(atPath: state) }
        #expect(!FileManager.default.fileExists(atPath: world.path("broken/config.json")))
        let again = try world.tool(training("broken"))
        #expect(again.status == 1)
        #expect(again.errors.contains("--resume"))
        let resumed = try world.tool(training("broken") + ["--resume"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        for file in ["model.safetensors", "config.json", "log.jsonl"] {
            #expect(
                try Data(contentsOf: world.folder.file("whole/\(file)"))
                    == Data(contentsOf: world.folder.file("broken/\(file)")), "\(file)")
        }
        #expect(!FileManager.default.fileExists(atPath: state))
    }

    /// The last pass changes statistics and nothing else; those of the first norm are then those of the untouched clips.
    @Test func statisticsAreTakenOnceMoreAtTheEnd() throws {
        guard let world = try World() else { return }
        let model = { (out: String, settings: [String]) in
            let outcome = try world.tool(world.training(out) + settings.flatMap { ["--set", $0] })
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try Model(at: world.folder.file(out)).space.parameters
        }
        let plain = try model("plain", ["training.epochs=4"])
        let settled = try model("settled", ["training.epochs=4", "recalibrate=[audio]"])
        let untrained = try model("untrained", ["training.epochs=0", "calibrate=[audio]"])
        for parameter in plain.all where !parameter.name.contains("running") {
            #expect(settled[parameter.name]?.value.values == parameter.value.values, "\(parameter.name)")
        }
        for name in ["audio.bn0.running_mean", "audio.bn0.running_var"] {
            let (before, after) = (try #require(plain[name]).value, try #require(settled[name]).value)
            #expect(before.values != after.values)
            #expect(try #require(untrained[name]).value.values == after.values)
        }
    }

    /// What no stage trains comes from where it came from before, and is checked to be the same.
    @Test func statesLeaveFrozenEncodersOut() throws {
        guard let world = try World() else { return }
        let state = world.folder.file("broken/training.safetensors")
        try world.tool.kill(world.training("broken")) { FileManager.default.fileExists(atPath: state.path) }
        let names = try Checkpoint(contentsOf: state).names.filter { $0.hasPrefix("value.text.") }
        #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("value.text.projection.") }, "\(names)")

        let weights = world.folder.file("bert/model.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        let resumed = try world.tool(world.training("broken", "--resume"))
        #expect(resumed.status == 1)
        #expect(resumed.errors.contains("other weights"), "\(resumed.errors)")
    }

    @Test func frozenTowersStayAsTheyWere() throws {
        guard let world = try World() else { return }
        let model = try Model(at: URL(filePath: world.trained()))
        let before = try Model(at: world.folder.file("bert"))
        for parameter in before.space.parameters.all {
            let after = try #require(model.space.parameters[parameter.name])
            #expect(after.value.values == parameter.value.values, "\(parameter.name)")
        }
        #expect(model.frozen == ["text"])
    }

    @Test func classifiesWithScoresThatSumToOne() throws {
        guard let world = try World() else { return }
        let model = try world.trained()
        let outcome = try world.tool(
            "classify", model, world.path("audio/low0.wav"), "--labels", "a low tone, a high tone", "--json")
        let line = try JSONDecoder().decode(Config.self, from: Data(outcome.output.utf8))
        let scores = try #require(line["scores"]?.asList)
        #expect(scores.count == 2)
        #expect(abs(scores.compactMap { $0["score"]?.asNumber }.reduce(0, +) - 1) < 1e-6)
        let windows = try world.tool(
            "classify", model, world.path("audio/low0.wav"), "--labels", "a low tone,a high tone", "--window", "0.2",
            "--hop", "0.1", "--json")
        let lines = windows.output.split(separator: "\n")
        #expect(lines.count == 5)
        let last = try JSONDecoder().decode(Config.self, from: Data(lines[4].utf8))
        #expect(last["end"]?.asNumber == 0.6)
    }

    @Test func embedsInInputOrderWithProvenance() throws {
        guard let world = try World() else { return }
        let model = try world.trained()
        let files = ["low0", "high3", "middle1"].map { world.path("audio/\($0).wav") }
        #expect(
            try world.tool(["embed", model, "--as", "audio"] + files + ["--out", world.path("v.npy")]).status == 0)
        let vectors = try NumpyFile(contentsOf: world.folder.file("v.npy")).tensor()
        #expect(vectors.shape == [3, 16])
        let again = try Model(at: URL(filePath: model)).space.embed(files.map { .file(URL(filePath: $0)) }, as: "audio")
        #expect(again.values == vectors.values)
        expectClose(vectors.square().sum(axes: [1]), Tensor([1, 1, 1], [3]), relative: 1e-5)
        let provenance = try Config(json: world.folder.file("v.npy.json"))
        #expect(provenance["fingerprint"]?.asText?.count == 64)
    }
}
