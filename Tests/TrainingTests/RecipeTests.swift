import BinderyBinding
import BinderyLayers
import BinderyTraining
import Foundation
import TestSupport
import Testing

let smallest = """
    space:
      width: 8
      towers: {audio: {encoder: audio/cnn14}, text: {encoder: text/bert, weights: models/a}}
      pairs: [[audio, text]]
    data: {train: train.csv}
    """

@Suite struct RecipeTests {
    @Test func fillsInDefaults() throws {
        let recipe = try Recipe(yaml: smallest)
        #expect(recipe.space.plan.width == 8)
        #expect(recipe.space.plan.pairs == [.init("audio", "text")])
        #expect(recipe.space.weights == ["text": "models/a"])
        #expect(recipe.stages.count == 1)
        let stage = recipe.stages[0]
        #expect(stage.name == nil)
        #expect(stage.pairs == recipe.space.plan.pairs)
        #expect(stage.loss.name == .multiPositive)
        #expect((stage.training.rate, stage.training.betas.second, stage.training.schedule) == (1e-3, 0.999, .cosine))
        #expect(stage.data.column(of: "audio") == "filepath")
        #expect(stage.data.column(of: "text") == "title")
    }

    @Test func readsTheRecipeOfTheProject() throws {
        let url = Fixture.checkout.appending(path: "recipes/esc10-clap.yaml")
        let recipe = try Recipe(contentsOf: url, settings: ["data.root=/data/esc10", "training.seed=2"])
        let stage = recipe.stages[0]
        #expect(stage.data.manifest.path == "/data/esc10/train.csv")
        #expect(stage.data.templates.count == 8)
        #expect(stage.data.column(of: "text") == nil)
        #expect(stage.training.seed == 2)
        #expect((stage.training.epochs, stage.training.batch, stage.training.rate) == (25, 16, 1e-3))
        #expect(stage.training.betas == (0.9, 0.98))
        #expect(stage.freeze == ["text"])
        #expect(stage.unfreeze == ["text.projection"])
        #expect(recipe.space.plan.pairs[0].scale == 1 / 0.07)
        #expect(stage.evaluate[0].templates.count == 5)
        #expect(recipe.space.plan.towers["audio"]?.config["features"]?["hop"] == 1280)
    }

    @Test func namesEveryProblemAtOnce() {
        let text = """
            spce: 1
            space:
              width: 0
              towers:
                audio: {encodr: audio/cnn14, projection: linaer}
                text: {encoder: bert}
              pairs: [[audio, txet], [audio]]
            loss: {name: infonce, margin: 1}
            data: {train: train.csv, colums: {}, templates: [nothing]}
            training: {epoch: 3, batch: 1, betas: [1, 2], groups: [{rate: fast}], schedule: cosin}
            evaluate: {task: zeroshot}
            """
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: text) }
        let sentence = error?.description ?? ""
        let expected = [
            "recipe: ", "unknown key spce, did you mean space?",
            "space.width must be a whole number from 1 to 65536, not 0",
            "unknown key space.towers.audio.encodr, did you mean space.towers.audio.encoder?",
            "space.towers.audio.encoder is missing", "(did you mean linear?)",
            "space.towers.text.encoder must be an encoder written modality/kind, not \"bert\"",
            "there is no tower txet, did you mean text?", "training.groups[0].paths is missing",
        ]
        for part in expected { #expect(sentence.contains(part), "\(part) is not in: \(sentence)") }
        let all = error?.problems.map(\.description).joined(separator: "\n") ?? ""
        let more = [
            "space.pairs[1].towers must be the names of two towers", "loss: unknown key margin",
            "unknown key data.colums, did you mean data.columns?", "\"nothing\" has no {}",
            "unknown key training.epoch, did you mean training.epochs?",
            "training.batch must be a whole number from 2 to 1000000, not 1",
            "training.betas must be two numbers from 0 to below 1", "training.groups[0].rate must be a number",
            "training.groups[0].paths is missing", "(did you mean cosine?)", "(did you mean zero-shot?)",
        ]
        for part in more { #expect(all.contains(part), "\(part) is not in: \(all)") }
        #expect(error?.problems.count == 18)
    }

    @Test(arguments: [
        ("training: {rate: 1e-4}", "training.rate=0.5", 0.5), ("", "training.rate=1e-5", 1e-5),
        ("", "training={\"rate\": 2}", 2),
    ])
    func appliesSettings(_ text: String, _ setting: String, _ rate: Double) throws {
        let recipe = try Recipe(yaml: smallest + "\n" + text, settings: [setting])
        #expect(recipe.stages[0].training.rate == rate)
    }

    @Test func appliesSettingsOfEveryKind() throws {
        let recipe = try Recipe(
            yaml: smallest,
            settings: [
                "data.root=../a b/c: d #1", "data.templates=[\"{} one\", 'two {}']", "space.pairs.0=[text, audio]",
                "unfreeze.\"audio.blocks.5\"=epoch 3", "data.label='7'", "training.clip=", "freeze=text",
            ])
        let stage = recipe.stages[0]
        #expect(stage.data.root == "../a b/c: d #1")
        #expect(stage.data.templates == ["{} one", "two {}"])
        #expect(recipe.space.plan.pairs == [.init("text", "audio")])
        #expect(stage.unfreezeAfter == ["audio.blocks.5": 3])
        #expect(stage.data.label == "7")
        #expect(stage.freeze == ["text"])
    }

    @Test(arguments: [
        ("training.epoch=1", "did you mean training.epochs?"), ("training.rate", "write it as path=value"),
        ("=1", "a path is keys"), ("a..b=1", "a path is keys"), ("space.pairs.1=[a, b]", "not the number of one of 1"),
        ("space.width.x=1", "lies below 8"), ("data.templates=[a", "--set data.templates=[a"),
        ("training.rate=fast", "training.rate must be a number"),
    ])
    func refusesSettings(_ setting: String, _ part: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: smallest, settings: [setting]) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func stagesTakeFromTheTop() throws {
        let recipe = try Recipe(
            yaml: """
                space:
                  width: 8
                  towers: {audio: {encoder: audio/a}, image: {encoder: image/b}, text: {encoder: text/c}}
                  pairs: [[image, text], {towers: [audio, image], scale: {start: 10, learned: false, most: null}, bias: -1}]
                data: {root: /data, columns: {image: path}, templates: ["a {}"]}
                freeze: [text]
                training: {epochs: 4, batch: 128, clip: 1}
                stages:
                  - {name: anchors, pairs: [[image, text]], data: {train: images.csv}}
                  - pairs: [[image, audio]]
                    data: {train: /sounds.csv, columns: {audio: audio, image: image}, templates: null, sample: audio}
                    freeze: [image, text]
                    training: {epochs: 20, clip: null}
                """)
        let (first, second) = (recipe.stages[0], recipe.stages[1])
        #expect((first.name, second.name) == ("anchors", "stages[1]"))
        #expect((first.pairs.map(\.name), second.pairs.map(\.name)) == (["image_text"], ["audio_image"]))
        #expect((first.data.manifest.path, second.data.manifest.path) == ("/data/images.csv", "/sounds.csv"))
        #expect((first.freeze, second.freeze) == (["text"], ["image", "text"]))
        #expect((first.training.epochs, second.training.epochs) == (4, 20))
        #expect((first.training.batch, second.training.batch) == (128, 128))
        #expect((first.training.clip, second.training.clip) == (1, nil))
        #expect((first.data.templates, second.data.templates) == (["a {}"], []))
        #expect(second.data.sample == "audio")
        #expect(second.pairs[0].most == nil && !second.pairs[0].isLearned && second.pairs[0].bias == -1)
    }

    @Test func namesTheStageOfAProblem() {
        let stages = "\nstages: [{training: {rat: 1}}, {pairs: [[text, image]], calibrate: [adio], space: {}}]"
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: smallest + stages) }
        let all = error?.problems.map(\.description).joined(separator: "\n") ?? ""
        for part in [
            "unknown key stages[0].training.rat, did you mean stages[0].training.rate?",
            "stages[1].pairs[0] must be one of the space's pairs [audio, text]", "unknown key stages[1].space",
            "stages[1].calibrate: there is no tower adio, did you mean audio?",
        ] { #expect(all.contains(part), "\(part) is not in: \(all)") }
    }

    @Test(arguments: ["stages: []", "data: {train: null}", "space: {}", "data: 3", "- a", "", "~", "just words"])
    func refusesWhatIsNoRecipe(_ text: String) {
        let whole =
            text.hasPrefix("stages") || text.hasPrefix("data")
            ? smallest.replacing("data: {train: train.csv}", with: text) : text
        #expect(throws: RecipeError.self) { try Recipe(yaml: whole) }
    }

    @Test func survivesCoding() throws {
        let recipe = try Recipe(yaml: smallest, settings: ["training.rate=1e-4", "data.label=\"7\""])
        let data = try JSONEncoder().encode(recipe)
        let again = try JSONDecoder().decode(Recipe.self, from: data)
        #expect(again.tree == recipe.tree)
        #expect(again.canonicalText == recipe.canonicalText)
        #expect(again.stages[0].data == recipe.stages[0].data)
    }

    @Test func readsFilesOnlyOfModestSize() throws {
        let scratch = try Scratch()
        try scratch.write("large.yaml", String(repeating: "# nothing\n", count: 40_000))
        let large = #expect(throws: RecipeError.self) {
            try Recipe(contentsOf: scratch.url.appending(path: "large.yaml"))
        }
        #expect(large?.description.contains("400000 bytes") == true)
        let absent = #expect(throws: RecipeError.self) {
            try Recipe(contentsOf: scratch.url.appending(path: "no.yaml"))
        }
        #expect(absent?.problems.count == 1)
        #expect(throws: RecipeError.self) { try Recipe(contentsOf: scratch.url) }
    }

    @Test func survivesChangedBytes() throws {
        let url = Fixture.checkout.appending(path: "recipes/esc10-clap.yaml")
        let bytes = Array(try Data(contentsOf: url).drop { _ in false })
        let start = try #require(bytes.firstRange(of: Array("name:".utf8))).lowerBound
        for index in stride(from: start, to: bytes.count, by: 31) {
            for byte in Array("\"'[]{}:-&*!|>%@`#\n\t\u{0}".utf8) {
                var changed = bytes
                changed[index] = byte
                _ = try? Recipe(yaml: String(decoding: changed, as: UTF8.self))
            }
        }
    }
}
