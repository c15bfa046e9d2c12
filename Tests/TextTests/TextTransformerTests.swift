import BinderyBinding
import BinderyLayers
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

/// What holds for every family, with weights from a seed.
@Suite struct TextTransformerTests {
    private static let families = ["bert", "roberta", "gpt2", "clip", "siglip"]

    private func encoder(_ family: String, _ more: [String: Config] = [:]) throws -> TextTransformer {
        var config: [String: Config] = [
            "vocabulary": 800, "positions": 24, "width": 16, "layers": 2, "heads": 4, "hidden": 20,
        ]
        config.merge(more) { $1 }
        let names = ["bert": "wordpiece", "roberta": "bytelevel", "gpt2": "bytelevel"]
        let file = names[family].map { "\($0).json" } ?? (family == "clip" ? "merges.txt" : "spiece.model")
        let name = file.hasSuffix("json") ? "tokenizer.json" : file
        let assets = Assets([name: try Data(contentsOf: Fixture.golden("text/\(file)"))])
        let tower = JointSpace.Plan.Tower(encoder: "text/\(family)", config: .map(config))
        let space = try JointSpace(
            JointSpace.Plan(width: 16, towers: ["text": tower]), modalities: [.text], assets: ["text": assets])
        space.parameters.fill(seed: 3)
        return try #require(space.tower("text").encoder as? TextTransformer)
    }

    private let texts = [
        "the sound of a red violin", "", "a dog's bark in the rain, at night, again and again", "bell",
    ]

    @Test(arguments: families)
    func paddingChangesNothing(family: String) throws {
        let encoder = try encoder(family)
        let ids = try encoder.tokens(of: texts).ids.map { $0.isEmpty ? [1] : $0 }
        let together = encoder(ids, .inference)
        #expect(together.shape == [4, 16])
        for (index, row) in ids.enumerated() {
            expectClose(
                encoder([row], .inference), together.slice(axis: 0, index..<index + 1), relative: 2e-6, family)
        }
    }

    @Test(arguments: families)
    func longTextsAreCutAndCounted(family: String) throws {
        let encoder = try encoder(family)
        let batch = try encoder.tokens(of: [String(repeating: texts[2] + " ", count: 4), texts[3]])
        #expect(batch.longest <= 24)
        #expect(batch.truncated[0] > 0)
        #expect(batch.truncated[1] == 0)
        #expect(try encoder.omission(of: .text(texts[3])) == nil)
        let omission = try encoder.omission(of: .text(String(repeating: texts[2], count: 4)))
        #expect(try #require(omission).hasSuffix("tokens"))
    }

    @Test func sigLIP2ReadsSmallLetters() throws {
        let assets = Assets(["tokenizer.json": try Data(contentsOf: Fixture.golden("text/fallback.json"))])
        let tower = JointSpace.Plan.Tower(
            encoder: "text/siglip",
            config: ["width": 8, "heads": 2, "layers": 0, "padding": 0, "tokenizer": "siglip2"])
        let space = try JointSpace(
            JointSpace.Plan(width: 8, towers: ["text": tower]), modalities: [.text], assets: ["text": assets])
        let encoder = try #require(space.tower("text").encoder as? TextTransformer)
        let ids = try encoder.tokens(of: ["The LOUD Violin", "the loud violin"]).ids
        #expect(ids[0] == ids[1])
        #expect(ids[0].count == 64 && ids[0].last == 0 && ids[0].contains(1))
    }

    @Test func everyPoolingTakesItsToken() throws {
        let rows = [[5, 9, 0, 9, 7], [3, 0, 2]]
        let expected = ["first": [0, 0], "last": [4, 2], "largest": [1, 0], "end": [4, 0], "counted": [3, 1]]
        for (pooling, places) in expected {
            let encoder = try encoder("clip", ["pooling": .text(pooling), "end": 7])
            let states = encoder.features(rows)
            let vectors = encoder(rows, .inference)
            for (row, place) in places.enumerated() {
                expectClose(
                    vectors.slice(axis: 0, row..<row + 1),
                    states.slice(axis: 0, row..<row + 1).slice(axis: 1, place..<place + 1).reshaped([1, 16]),
                    relative: 0, pooling)
            }
        }
    }

    @Test func layersCountFromBothEnds() throws {
        let encoder = try encoder("clip")
        let rows = try encoder.tokens(of: texts).ids
        expectClose(encoder.features(rows, layer: -1), encoder.features(rows, layer: 2), relative: 0)
        expectClose(encoder.features(rows, layer: -3), encoder.features(rows, layer: 0), relative: 0)
    }

    @Test(
        arguments: [
            (["heads": 3], "heads (3) must divide width (16)"), (["positions": 2], "positions"),
            (["limit": 25], "limit"), (["width": 0], "width"), (["layers": 4_000_000_000], "layers"),
            (["pooling": "best"], "one of mean, first"), (["hiden": 4], "did you mean hidden"),
            (["tokenizer": "morse"], "one of wordpiece"),
        ] as [([String: Config], String)])
    func configurationsThatCannotBe(config: [String: Config], complaint: String) throws {
        let error = try #require(throws: (any Error).self) { try encoder("bert", config) }
        #expect("\(error)".contains(complaint), "\(error)")
    }

    @Test func framesThatFillEverythingAreRefused() throws {
        let part = #"{"SpecialToken":{"id":"[X]"}}"#
        let json = """
            {"model":{"type":"WordPiece","vocab":{"[UNK]":0}},"post_processor":{"type":"TemplateProcessing",\
            "single":[\(part)],"pair":[\(part)],"special_tokens":{"[X]":{"ids":[0,0,0,0,0,0,0,0,0,0,0,0]}}}}
            """
        let tower = JointSpace.Plan.Tower(encoder: "text/bert", config: ["limit": 12])
        let plan = JointSpace.Plan(width: 768, towers: ["text": tower])
        let error = try #require(throws: (any Error).self) {
            try JointSpace(
                plan, modalities: [.text], assets: ["text": Assets(["tokenizer.json": Data(json.utf8)])])
        }
        #expect("\(error)".contains("12 special tokens"), "\(error)")
    }

    @Test func tokenizersOfOtherWeightsAreRefused() throws {
        let encoder = try encoder("bert", ["vocabulary": 8])
        let error = try #require(throws: TextError.self) { try encoder.clips(of: .text("violin")) }
        #expect(error.description.contains("where the weights have 8 rows"))
    }

    @Test func textsComeFromFilesToo() throws {
        let encoder = try encoder("bert")
        var whole = try encoder.clips(of: .text("a bell"))
        var bytes = try encoder.clips(of: Item(.bytes(Data("a bell".utf8))))
        #expect(try whole.next()?.clip == bytes.next()?.clip)
        #expect(throws: TextError.self) { try encoder.clips(of: Item(.bytes(Data([0xFF, 0xFE])))) }
        #expect(throws: TextError.self) { try encoder.clips(of: Item(.samples([0], rate: 8000))) }
        #expect(throws: TextError.self) { try encoder.clips(of: .file(URL(filePath: "/nowhere.txt"))) }
    }

    @Test(arguments: families)
    func gradientsReachEveryWeight(family: String) throws {
        let tower = JointSpace.Plan.Tower(
            encoder: "text/\(family)",
            config: ["vocabulary": 20, "positions": 12, "width": 8, "layers": 1, "heads": 2, "hidden": 6])
        let files = ["wordpiece.json": "tokenizer.json", "merges.txt": "merges.txt", "spiece.model": "spiece.model"]
        var assets: [String: Data] = [:]
        for (file, name) in files { assets[name] = try Data(contentsOf: Fixture.golden("text/\(file)")) }
        let space = try JointSpace(
            JointSpace.Plan(width: 8, towers: ["text": tower]), modalities: [.text], assets: ["text": Assets(assets)])
        space.parameters.fill(seed: 1)
        for parameter in space.parameters.all { parameter.isFrozen = false }
        let encoder = try #require(space.tower("text").encoder as? TextTransformer)
        let vectors = encoder([[3, 4, 5, 19], [6, 7]], .training(Step(seed: 1)))
        let gradients = (vectors * Tensor((0..<16).map { Float($0) - 7 }, [2, 8])).sum().backward()
        for parameter in space.parameters.all { #expect(gradients[parameter] != nil, "\(parameter.name)") }
    }
}
