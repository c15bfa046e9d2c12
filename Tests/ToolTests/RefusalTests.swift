import Bindery
import Foundation
import TestSupport
import Testing

/// What strangers send: each gets one sentence, exit status 1, and leaves nothing half-written.
@Suite struct RefusalTests {
    /// One model for all of them.
    private static let shared: (world: World, model: String)? = {
        guard let world = try? World(), let model = try? world.trained() else { return nil }
        return (world, model)
    }()

    /// Expects one sentence that names each of `words`, status 1, and no output file.
    private func expectRefusal(
        _ arguments: [String], naming words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard let (world, _) = Self.shared else { return }
        let outcome = try world.tool(arguments)
        #expect(outcome.status == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
        }
        #expect(!outcome.errors.contains("without a pair"), "a second sentence: \(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("bindery: ") }
        #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(!outcome.errors.contains("Fatal error"), sourceLocation: sourceLocation)
        #expect(!outcome.errors.contains("Error("), "\(outcome.errors)", sourceLocation: sourceLocation)
        let written = arguments.firstIndex(of: "--out").map { arguments[$0 + 1] }
        if let written, written.hasSuffix(".npy") {
            #expect(!FileManager.default.fileExists(atPath: written), sourceLocation: sourceLocation)
        }
    }

    static let sounds: [String: (Data, String)] = [
        "text.wav": (Data("this is no sound\n".utf8), "text.wav"),
        "empty.wav": (Data(), "empty.wav"),
        "none.wav": (Wave.file(channels: 1, rate: 8000, bits: 16, body: Data()), "none.wav"),
        "nan.wav": (
            Wave.file(
                format: 3, channels: 1, rate: 8000, bits: 32,
                body: [Float](repeating: .nan, count: 800).withUnsafeBytes { Data($0) }), "nan.wav"
        ),
        "eighthours.wav": (
            Wave.file(channels: 1, rate: 8000, bits: 16, body: Data(), claimed: 8 * 3600 * 16000), "eighthours.wav"
        ),
    ]

    @Test(arguments: sounds.keys.sorted()) func soundsThatAreNone(_ name: String) throws {
        guard let (world, model) = Self.shared, let (data, word) = Self.sounds[name] else { return }
        try data.write(to: world.folder.file(name))
        try expectRefusal(
            [
                "embed", model, "--as", "audio", world.path("audio/low0.wav"), world.path(name), "--out",
                world.path("\(name).npy"),
            ],
            naming: [word])
        try expectRefusal(["classify", model, world.path(name), "--labels", "a,b"], naming: [word])
    }

    @Test func filesThatAreNotThere() throws {
        guard let (world, model) = Self.shared else { return }
        try expectRefusal(["classify", model, world.path("absent.ogg"), "--labels", "a,b"], naming: ["absent.ogg"])
        try expectRefusal(["classify", model, world.path("audio"), "--labels", "a,b"], naming: ["audio"])
        try expectRefusal(["classify", world.path("nowhere"), "x.wav", "--labels", "a"], naming: ["nowhere"])
        try expectRefusal(["info", world.path("audio")], naming: ["audio", "weights"])
        try expectRefusal(
            ["embed", model, "--as", "smell", "x", "--out", world.path("x.npy")], naming: ["smell", "audio"])
    }

    @Test func soundsThatAreOdd() throws {
        guard let (world, model) = Self.shared else { return }
        try Wave.tone(seconds: 0.5, pitch: 300, channels: 8).write(to: world.folder.file("eight.wav"))
        try Wave.tone(seconds: 1 / 8000, pitch: 300).write(to: world.folder.file("one.wav"))
        try Wave.tone(seconds: 0.1, pitch: 300, rate: 44100).write(to: world.folder.file("short.wav"))
        try Wave.tone(seconds: 600, pitch: 300, rate: 11025).write(to: world.folder.file("long.wav"))
        let files = ["eight", "one", "short", "long"].map { world.path("\($0).wav") }
        let outcome = try world.tool(["embed", model, "--as", "audio"] + files + ["--out", world.path("odd.npy")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try NumpyFile(contentsOf: world.folder.file("odd.npy")).shape == [4, 16])
    }

    @Test func manifests() throws {
        guard let (world, model) = Self.shared else { return }
        let evaluate = { (manifest: String, more: [String]) in
            ["evaluate", "zero-shot", model, "--as", "audio", "--manifest", world.path(manifest)] + more
        }
        try Data("file,label\naudio/low0.wav,low\n".utf8).write(to: world.folder.file("column.csv"))
        try expectRefusal(evaluate("column.csv", []), naming: ["column.csv", "path", "file"])
        try Data("path,label\naudio/low0.wav,low\naudio/gone.wav,low\n".utf8).write(to: world.folder.file("gone.csv"))
        try expectRefusal(evaluate("gone.csv", []), naming: ["gone.wav"])
        try Data("path,label\naudio/low0.wav,deep\n".utf8).write(to: world.folder.file("label.csv"))
        try expectRefusal(evaluate("label.csv", ["--classes", world.path("classes.csv")]), naming: ["deep", "middle"])
        try expectRefusal(evaluate("absent.csv", []), naming: ["absent.csv"])
    }

    @Test func labelsThatTellNothingApart() throws {
        guard let (world, model) = Self.shared else { return }
        func table(_ name: String, _ rows: String, _ header: String = "path,label") throws -> String {
            try Data("\(header)\n\(rows)\n".utf8).write(to: world.folder.file(name))
            return world.path(name)
        }
        let evaluate = ["evaluate", "zero-shot", model, "--as", "audio", "--manifest"]
        let good = try table("good.csv", "audio/low0.wav,low\naudio/high0.wav,high")
        let one = try table("one.csv", "audio/low0.wav,low\naudio/low1.wav,low")
        let gaps = try table("gaps.csv", "audio/low0.wav,low\naudio/high0.wav,\naudio/high1.wav, ")
        let capitals = try table("capitals.csv", "audio/low0.wav,low\naudio/low1.wav,Low\naudio/high0.wav,high")
        try expectRefusal(evaluate + [one], naming: ["one.csv", "low", "two classes"])
        try expectRefusal(evaluate + [gaps], naming: ["gaps.csv", "label", "3, 4"])
        try expectRefusal(evaluate + [capitals], naming: ["Low, low", "capitals"])
        try expectRefusal(
            evaluate + [capitals, "--classes", world.path("classes.csv")], naming: ["Low (did you mean low?)"])
        for (rows, words) in [
            ("low,a low tone\nlow,a deep tone\nhigh,a high tone", ["low has more than one phrase"]),
            ("low,a low tone\nhigh,", ["phrase", "line 3"]), ("", ["no rows"]),
        ] {
            let classes = try table("phrases.csv", rows, "label,phrase")
            try expectRefusal(evaluate + [good, "--classes", classes], naming: ["phrases.csv"] + words)
        }
        let learn = ["evaluate", "linear-probe", model, "--as", "audio", "--train"]
        try expectRefusal(learn + [one, "--manifest", one], naming: ["one.csv", "two classes"])
        try expectRefusal(learn + [good, "--manifest", gaps], naming: ["gaps.csv", "3, 4"])
        let few = ["evaluate", "few-shot", model, "--as", "audio", "--train", good, "--manifest", good]
        try expectRefusal(few + ["--shots", "2, 3"], naming: ["too few examples"])
        let nothing = try table("nothing.csv", "audio/low0.wav,\naudio/high0.wav,")
        try expectRefusal(
            ["evaluate", "multi-label", model, "--manifest", nothing], naming: ["nothing.csv", "no row"])
        #expect(try world.tool(evaluate + [good, "--unseen", " "]).status == 2)
        #expect(try world.tool(evaluate + [good, "--unseen", " low "]).status == 0)
    }

    @Test func tablesAsPeopleSaveThem() throws {
        guard let (world, model) = Self.shared else { return }
        let rows = ["path,label", "audio/low0.wav,low", "audio/middle0.wav,middle", "audio/high0.wav,high"]
        let plain = rows.joined(separator: "\n")
        var results: Set<String> = []
        for text in [
            plain, "\u{FEFF}" + plain, rows.joined(separator: "\r\n"), plain.replacing(",", with: ", "),
            plain.replacing(",", with: ";"), plain.replacing(",", with: " \t"),
            plain.replacing("\n", with: " \n") + "\n\n",
        ] {
            try Data(text.utf8).write(to: world.folder.file("saved.csv"))
            let outcome = try world.tool(
                "evaluate", "zero-shot", model, "--as", "audio", "--manifest", world.path("saved.csv"), "--classes",
                world.path("classes.csv"))
            #expect(outcome.status == 0, "\(outcome.errors)")
            results.insert(outcome.output)
        }
        #expect(results.count == 1)
    }

    @Test func whatIsMissingBesideTheManifest() throws {
        guard let (world, model) = Self.shared else { return }
        let table = world.path("train.csv")
        let evaluate = [
            "evaluate", "zero-shot", model, "--as", "audio", "--manifest", table, "--json", world.path("j.json"),
        ]
        try Data().write(to: world.folder.file("empty.txt"))
        try Data("a {}\nno place\n".utf8).write(to: world.folder.file("templates.txt"))
        try expectRefusal(evaluate + ["--templates", world.path("gone.txt")], naming: ["gone.txt", "no such file"])
        try expectRefusal(evaluate + ["--templates", world.path("empty.txt")], naming: ["empty.txt", "no lines"])
        try expectRefusal(evaluate + ["--templates", world.path("templates.txt")], naming: ["no place", "{}"])
        try expectRefusal(
            evaluate + ["--report", world.path("nowhere/r.html")], naming: ["nowhere", "make that folder"])
        try expectRefusal(evaluate + ["--report", world.path("audio")], naming: ["audio", "folder"])
        try expectRefusal(evaluate + ["--against", world.path("bert")], naming: ["bert", "audio"])
        #expect(!FileManager.default.fileExists(atPath: world.path("j.json")))
        try expectRefusal(
            [
                "evaluate", "retrieval", model, "--manifest", table, "--query", "path", "--as", "audio", "--target",
                "label", "--with", "smell",
            ], naming: ["smell"])
        let sound = world.path("audio/low0.wav")
        try expectRefusal(["classify", model, sound, "--labels", "a, b,a"], naming: ["a stands there twice"])
        try expectRefusal(["classify", model, sound, "--labels-file", world.path("empty.txt")], naming: ["no lines"])
        #expect(try world.tool("classify", model, sound, "--labels", " ,").status == 2)
        #expect(try world.tool("classify", model, sound, "--labels", "a,b", "--none-below", "nan").status == 2)
        try expectRefusal(["demo", "--out", model], naming: ["not empty"])
        try expectRefusal(world.training("train.csv"), naming: ["train.csv", "already"])
        try expectRefusal(world.training("refused", "--cache", table), naming: ["folder"])
    }

    @Test func manifestsThatAreOdd() throws {
        guard let (world, model) = Self.shared else { return }
        let copy = world.path("audio/a \"b\", c.wav")
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: world.path("audio/low0.wav"), toPath: copy)
        let text =
            "path,label,note\r\n\"audio/a \"\"b\"\", c.wav\",low,\"two\r\nlines \u{0} 🐕\"\r\n\r\naudio/high0.wav,high,\"\"\r\n"
        try Data(text.utf8).write(to: world.folder.file("odd.csv"))
        let outcome = try world.tool(
            "evaluate", "zero-shot", model, "--as", "audio", "--manifest", world.path("odd.csv"), "--classes",
            world.path("classes.csv"), "--json", world.path("odd.json"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Config(json: world.folder.file("odd.json"))["items"]?.asInteger == 2)
    }

    @Test func recipes() throws {
        guard let (world, _) = Self.shared else { return }
        let classes = "label,phrase\nlow,a low tone\nmiddle,a tone between\n"
        try Data(classes.utf8).write(to: world.folder.file("two.csv"))
        try Data((classes + "high,a high tone\nshrill,a whistle\n").utf8).write(to: world.folder.file("four.csv"))
        let train = { (settings: [String]) in
            [
                "train", world.path("recipe.yaml"), "--out", world.path("refused"), "--set",
                "data.root=\(world.folder.url.path)",
            ]
                + settings.flatMap { ["--set", $0] }
        }
        let refusals: [([String], [String])] = [
            (["training.epoch=2"], ["training.epoch", "training.epochs"]),
            (["training.batch=1"], ["batch"]),
            (["training.batch=100"], ["24", "100"]),
            (["freeze=[audio,text]", "unfreeze=[]"], ["frozen"]),
            (["freeze=[adio]"], ["adio", "audio"]),
            (["unfreeze={text.projection: epoch 40}"], ["text.projection", "40 epochs", "never"]),
            (["evaluate={task: zero-shot, as: smell}"], ["smell", "audio"]),
            (["recalibrate=[text]"], ["recalibrate", "text", "frozen"]),
            (["space.towers.audio.encoder=audio/cnn15"], ["cnn15", "cnn14"]),
            (["space.towers.audio.encoder=smell/cnn14"], ["smell", "audio"]),
            (["space.towers.audio.config.widths=[4000000000]"], ["widths"]),
            (["space.towers.text.weights=nowhere"], ["nowhere"]),
            (["training.rate=1e30"], ["training.rate"]),
            (["data.train=absent.csv"], ["absent.csv"]),
            (["data.rows={where: {label: shrill}}"], ["train.csv", "none of its rows"]),
            (["space.pairs=[[audio]]"], ["two towers"]),
            (["stages=[{pairs: [[audio, image]]}]"], ["stages[0].pairs[0]", "[audio, text]"]),
            (["space.towers.audio.weights=\(world.path("bert"))"], ["tower audio", "audio/cnn14", "text/bert"]),
            (["space.pairs=[[audio, txt]]"], ["txt", "text"]),
            (["data.classes=two.csv"], ["high", "low, middle"]),
            (["data.classes=four.csv"], ["shrill", "no example"]),
            (
                ["training.rate=100", "training.decay=100"], ["not finite at step", "first in", "state after epoch"]
            ),
        ]
        for (settings, words) in refusals {
            try expectRefusal(train(settings), naming: words)
            #expect(!FileManager.default.fileExists(atPath: world.path("refused/config.json")))
            try? FileManager.default.removeItem(atPath: world.path("refused"))
        }
        try Data("space: [unclosed".utf8).write(to: world.folder.file("broken.yaml"))
        try expectRefusal(
            ["train", world.path("broken.yaml"), "--out", world.path("refused")], naming: ["broken.yaml"])
    }

    @Test(.enabled(if: ProcessInfo.processInfo.physicalMemory >> 30 < 75, "this machine could train it"))
    func aModelThatTheMemoryCannotTrain() throws {
        guard let (world, _) = Self.shared else { return }
        let widths = "space.towers.audio.config.widths=[8192,8192,8192,8192,8192]"
        try expectRefusal(world.training("huge", "--set", widths), naming: ["new weights", "82 GB"])
        #expect(!FileManager.default.fileExists(atPath: world.path("huge")))
    }

    @Test func laterStagesAreRefusedBeforeTheFirstStep() throws {
        guard let (world, _) = Self.shared else { return }
        for (second, word) in [("freeze: [adio]", "adio"), ("data: {train: absent.csv}", "absent.csv")] {
            let stages = "stages=[{name: first}, {name: second, \(second)}]"
            let arguments = world.training("late", "--set", "training.epochs=1", "--set", stages)
            try expectRefusal(arguments, naming: [word])
            #expect(!FileManager.default.fileExists(atPath: world.path("late")))
        }
    }

    @Test func models() throws {
        guard let (world, model) = Self.shared else { return }
        let weights = try Data(contentsOf: URL(filePath: model).appending(path: "model.safetensors"))
        let config = try String(contentsOf: URL(filePath: model).appending(path: "config.json"), encoding: .utf8)
        var number = 0
        let expect = { (weights: Data, config: String, words: [String]) in
            number += 1
            let folder = world.folder.file("broken\(number)")
            try FileManager.default.copyItem(at: URL(filePath: model), to: folder)
            try weights.write(to: folder.appending(path: "model.safetensors"))
            try Data(config.utf8).write(to: folder.appending(path: "config.json"))
            try self.expectRefusal(["info", folder.path], naming: words)
        }
        try expect(weights.prefix(weights.count / 2), config, ["model.safetensors"])
        try expect(
            Data([255, 255, 255, 255, 255, 255, 255, 127]) + weights.dropFirst(8), config, ["model.safetensors"])
        let checkpoint = try Checkpoint(contentsOf: URL(filePath: model).appending(path: "model.safetensors"))
        let renamed = try checkpoint.names.map { name in
            (name.replacingOccurrences(of: "audio.fc.bias", with: "audio.fc.baas"), try checkpoint.tensor(name))
        }
        try Checkpoint.write(renamed, to: world.folder.file("renamed.safetensors"))
        try expect(
            Data(contentsOf: world.folder.file("renamed.safetensors")), config, ["audio.fc.bias", "audio.fc.baas"])
        try expect(
            weights, config.replacingOccurrences(of: "\"width\" : 16", with: "\"width\" : 4000000000"), ["width"])
        try expect(weights, "{\"bindery\": {\"format\": 9}}", ["format"])
        try expect(weights, String(repeating: "[", count: 100_000), ["config.json"])
    }

    @Test func wrongUsageIsStatusTwo() throws {
        guard let (world, model) = Self.shared else { return }
        for arguments in [
            ["classify", model, "x.wav"], ["embed", model, "--as", "audio", "--out", "x.npy"], ["nonsense"],
            ["embed", model, "--as", "audio", "x.wav", "--out", "x.txt"], ["info", model, "--threads", "0"],
        ] {
            #expect(try world.tool(arguments).status == 2, "\(arguments)")
        }
        #expect(try world.tool("--help").status == 0)
        for command in ["train", "embed", "classify", "similarity", "evaluate", "info"] {
            let help = try world.tool(command, "--help")
            #expect(help.status == 0)
            #expect(help.output.contains("Example: bindery \(command)"), "\(command) has no example")
        }
    }
}
