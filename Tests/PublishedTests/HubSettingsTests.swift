import BinderyBinding
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// Settings and weights that transformers' folders spread over several files, or leave out.
@Suite struct HubSettingsTests {
    private func write(_ config: Config, _ name: String, in folder: TemporaryFolder) throws {
        try JSONEncoder().encode(config).write(to: folder.file(name))
    }

    /// A folder of `config` and the tensors whose names `rename` keeps, with `more`.
    private func folder(
        _ config: Config, weights: URL, more: [String: Tensor] = [:], rename: (String) -> String? = { $0 }
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write(config, "config.json", in: folder)
        let checkpoint = try Checkpoint(contentsOf: weights)
        var tensors = try checkpoint.names.compactMap { name in
            try rename(name).map { ($0, try checkpoint.tensor(name)) }
        }
        tensors += more.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        try Checkpoint.write(tensors, to: folder.file("model.safetensors"))
        return folder
    }

    private func tower(_ name: String, of folder: TemporaryFolder) throws -> JointSpace.Plan.Tower {
        let found = try Family.recognise(ModelFiles(folder.url, tokenizer: nil))
        return try #require(found.plan.towers[name])
    }

    @Test func theWholeProcessorWinsOverItsPart() throws {
        let weights = Fixture.golden("towers/gpt2/model.safetensors")  // nothing of them is read
        let folder = try folder(["model_type": "clap"], weights: weights)
        #expect(try tower("audio", of: folder).config["features"]?["low"] == .number(50))
        let alone: Config = ["padding": "repeat", "frequency_max": 9000, "sampling_rate": 32_000, "hop_length": 320]
        try write(alone, "preprocessor_config.json", in: folder)
        try write(["processor_class": "ClapProcessor"], "processor_config.json", in: folder)
        #expect(try tower("audio", of: folder).config["short"] == "repeat")
        let part = alone.setting("padding", to: "pad").setting("frequency_max", to: 8000)
        try write(["feature_extractor": part], "processor_config.json", in: folder)
        #expect(try tower("audio", of: folder).config["short"] == "zeros")
        try FileManager.default.removeItem(at: folder.file("preprocessor_config.json"))
        let features = try #require(try tower("audio", of: folder).config["features"])
        #expect(try features.number("high", in: 0...1e6) == 8000 && features["rate"] == 32_000)
    }

    @Test(
        arguments: [
            ("siglip", nil, "siglip", 0, 1, 8), ("siglip", "Siglip2Tokenizer", "siglip2", 6, 0, 6),
            ("siglip2", nil, "siglip2", 100, 0, 8), ("siglip2", "SiglipTokenizer", "siglip", 5, 1, 5),
        ] as [(String, String?, String, Int, Int, Int)])
    func sigLIPReadsAsItsTokenizerSays(
        _ golden: String, _ type: String?, _ kind: String, _ longest: Int, _ padding: Int, _ limit: Int
    ) throws {
        let source = Fixture.golden("towers/\(golden)")
        let folder = try folder(
            Config(json: source.appending(path: "config.json")),
            weights: source.appending(path: "model.safetensors"))
        if let type {
            let settings: Config = ["tokenizer_class": .text(type), "model_max_length": .integer(longest)]
            try write(settings, "tokenizer_config.json", in: folder)
        }
        let config = try tower("text", of: folder).config
        #expect(config["tokenizer"] == .text(kind))
        #expect(config["padding"] == .integer(padding) && config["limit"] == .integer(limit))
    }

    /// Each tower of SigLIP 2 as a file of its own, with the word before its names and without.
    @Test(arguments: [true, false]) func towersOfSigLIP2Alone(_ isBare: Bool) throws {
        let source = Fixture.golden("towers/siglip2")
        let config = try Config(json: source.appending(path: "config.json"))
        let weights = source.appending(path: "model.safetensors")
        func alone(_ part: String) throws -> Model {
            let folder = try folder(try #require(config["\(part)_config"]), weights: weights) { name in
                guard name.hasPrefix("\(part)_model.") else { return nil }
                return isBare ? String(name.dropFirst(part.count + 7)) : name
            }
            let model = try Model(at: folder.url, modalities: Modalities.all)
            #expect(model.family == "SigLIP 2")
            return model
        }
        let recorded = try Checkpoint(contentsOf: source.appending(path: "expected.safetensors"))
        let network = try #require(try alone("vision").space.tower("image").encoder as? VisionTransformer)
        let pictures = try recorded.tensor("pictures").permuted([0, 2, 3, 1]).rows
        expectClose(
            network(pictures, .inference).l2Normalized(), try recorded.tensor("vectors"), relative: 1e-5)
        let rows = [[3, 9, 14, 1, 0, 0, 0, 0], [5, 2, 7, 11, 1, 0, 0, 0]]
        let texts = try [alone("text"), Model(at: source, modalities: Modalities.all)].map { model in
            let tower = try TextTower(model)
            #expect(tower.encoder.width == 8)
            return try tower.projected(rows)
        }
        #expect(texts[0].shape == [2, 16] && texts[0].values == texts[1].values)
    }

    /// A head for some task beside the encoder's weights is left alone.
    @Test(arguments: [
        ("towers/gpt2", ["score.weight"]), ("towers/vit", ["decoder.0.weight", "decoder.0.bias"]),
        ("bert-hf", ["classifier.weight", "classifier.bias", "qa_outputs.weight"]),
        ("roberta-hf", ["classifier.dense.weight", "classifier.out_proj.bias"]),
        ("swin-hf", ["decoder.0.weight"]),
    ])
    func headsOfTasksAreLeftAlone(_ name: String, _ heads: [String]) throws {
        var source = Fixture.golden(name)
        if !name.contains("/") {
            guard let fixture = Fixture(name) else { return }
            source = fixture.file("model")
        }
        let config = try Config(json: source.appending(path: "config.json"))
        let weights = source.appending(path: "model.safetensors")
        let more = Dictionary(uniqueKeysWithValues: heads.map { ($0, Tensor([1, 2], [2])) })
        let folder = try folder(config, weights: weights, more: more)
        let model = try Model(at: folder.url, modalities: Modalities.all)
        let bare = try Model(at: source, modalities: Modalities.all)
        let (found, expected) = (model.space.parameters.all, bare.space.parameters.all)
        #expect(found.map(\.name) == expected.map(\.name))
        #expect(zip(found, expected).allSatisfy { $0.value.values == $1.value.values })
        let other = try self.folder(config, weights: weights, more: ["unheard_of.weight": Tensor([1, 2], [2])])
        #expect(throws: (any Error).self) { try Model(at: other.url, modalities: Modalities.all) }
    }

    @Test func attentionThatIsNotScaledIsRefused() throws {
        let source = Fixture.golden("towers/gpt2")
        let config = try Config(json: source.appending(path: "config.json"))
        let folder = try folder(
            config.setting("scale_attn_weights", to: false), weights: source.appending(path: "model.safetensors"))
        let error = try #require(throws: PublishedError.self) { try Model(at: folder.url, modalities: Modalities.all) }
        #expect("\(error)".contains("scale_attn_weights"))
    }
}
