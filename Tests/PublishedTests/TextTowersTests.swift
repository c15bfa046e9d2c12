import BinderyBinding
import BinderyLayers
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// The text half of every published family against recorded references: ids, states, vectors.
@Suite struct TextTowersTests {
    typealias Plan = JointSpace.Plan
    typealias Rule = KeyMap.Rule
    static let clip = TextReference("clip-hf")
    static let sigLIP = TextReference("siglip-hf")
    static let clap = TextReference("clap-hf")
    static let align = TextReference("align-hf")
    static let openCLIP = TextReference("openclip")
    static let imageBind = TextReference("imagebind")
    static let msCLAP2022 = TextReference("msclap-2022")
    static let msCLAP2023 = TextReference("msclap-2023")

    private func assets(_ folder: URL) -> Assets { Assets(folder: folder, names: Plan.Tower.tokenizerFiles) }

    @Test(.enabled(if: clip != nil))
    func clipOfTransformers() throws {
        let reference = try #require(TextTowersTests.clip)
        let folder = reference.fixture.file("model")
        let config = try #require(try Config(json: folder.appending(path: "config.json"))["text_config"])
        let tower = try TextTower(
            .clipText(config), width: 24, from: folder.appending(path: "model.safetensors"),
            KeyMap([Rule("text.projection.weight", "text_projection.weight")])
                + KeyMap.hubText.below("text.", "text_model."), assets: assets(folder))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.encoder(ids, .inference), "text_pooled", relative: 2e-5)
        try reference.check(tower.projected(ids), "text_features_unnormalized", relative: 2e-5)
        try reference.check(tower.projected(ids).l2Normalized(), "text_embeds", relative: 0, absolute: 2e-5)
        for layer in 0...3 {
            try reference.check(
                tower.encoder.features(Array(ids.prefix(4)), layer: layer), "text_hidden_\(layer)", relative: 1e-4,
                rows: ids)
        }
    }

    @Test(.enabled(if: sigLIP != nil))
    func sigLIPReadsItsPadding() throws {
        let reference = try #require(TextTowersTests.sigLIP)
        let folder = reference.fixture.file("model")
        let config = try #require(try Config(json: folder.appending(path: "config.json"))["text_config"])
        let tower = try TextTower(
            .sigLIPText(config, tokenizer: "siglip", padding: 1), width: 40,
            from: folder.appending(path: "model.safetensors"),
            KeyMap([Rule("text.projection.{kind}", "text_model.head.{kind}")])
                + KeyMap.hubText.below("text.", "text_model."), assets: assets(folder))
        let ids = try reference.ids(mask: nil)
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.projected(ids), "text_pooled", relative: 5e-5)
        try reference.check(tower.projected(ids).l2Normalized(), "text_embeds", relative: 5e-5)
        for layer in 0...3 {
            try reference.check(
                tower.encoder.features(Array(ids.prefix(3)), layer: layer), "text_hidden_\(layer)", relative: 1e-4)
        }
    }

    /// With an end token of its own, a text ends at the first of them, whatever ids stand behind.
    @Test func clipEndsAtItsEndToken() throws {
        let config: Config = ["eos_token_id": 7, "hidden_size": 8, "num_attention_heads": 2]
        let tower = try Plan.Tower.clipText(config)
        #expect(tower.config["pooling"] == "end" && tower.config["end"] == 7)
        #expect(tower.config["width"] == 8 && tower.config["layers"] == 12 && tower.config["limit"] == 77)
        #expect(throws: ConfigError.self) { try Plan.Tower.clipText(["hidden_act": "softsign"]) }
        #expect(throws: ConfigError.self) { try Plan.Tower.clipText(["hidden_size": 4_000_000_000]) }
    }

    @Test(.enabled(if: clap != nil))
    func clapReadsRoBERTa() throws {
        let reference = try #require(TextTowersTests.clap)
        let folder = reference.fixture.file("model")
        let config = try #require(try Config(json: folder.appending(path: "config.json"))["text_config"])
        let tower = try TextTower(
            .bertText(config, isRoberta: true, pooling: "pooler", limit: 60, projection: .mlp), width: 32,
            from: folder.appending(path: "model.safetensors"),
            KeyMap([
                Rule("text.projection.first.{kind}", "text_projection.linear1.{kind}"),
                Rule("text.projection.second.{kind}", "text_projection.linear2.{kind}"),
            ]) + KeyMap.bertText.below("text.", "text_model."), assets: assets(folder))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.encoder(ids, .inference), "text_pooled", relative: 5e-5)
        try reference.check(tower.projected(ids), "text_projected_unnormalized", relative: 5e-5)
        try reference.check(tower.projected(ids).l2Normalized(), "text_embeds", relative: 0, absolute: 5e-5)
    }

    @Test(.enabled(if: align != nil))
    func alignReadsBERT() throws {
        let reference = try #require(TextTowersTests.align)
        let folder = reference.fixture.file("model")
        let config = try #require(try Config(json: folder.appending(path: "config.json"))["text_config"])
        let tower = try TextTower(
            .bertText(config, isRoberta: false, pooling: "first", limit: nil, projection: .linear), width: 64,
            from: folder.appending(path: "model.safetensors"),
            KeyMap([Rule("text.projection.{kind}", "text_projection.{kind}")])
                + KeyMap.bertText.below("text.", "text_model."), assets: assets(folder))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.projected(ids).l2Normalized(), "text_embeds", relative: 5e-5)
    }

    @Test(
        .enabled(if: openCLIP != nil),
        arguments: [
            ("vit", "vit/open_clip_model.safetensors", "gelu", 32, 24),
            ("rn", "rn/open_clip_model.safetensors", "quick_gelu", 32, 24),
            ("openai_rn50", "openai_rn50/state_dict_fp16.pt", "quick_gelu", 64, 24),
            ("openai_vit", "openai_vit/torchscript_fp16.pt", "quick_gelu", 128, 32),
        ])
    func openCLIPAndOpenAI(name: String, weights: String, activation: String, width: Int, space: Int) throws {
        let reference = try #require(TextTowersTests.openCLIP)
        let inputs = try reference.fixture.tensors("inputs.safetensors")
        let length = try #require(inputs["\(name)_text"]).shape[1]
        let checkpoint = try reference.fixture.tensors(weights)
        let layers = checkpoint.names.filter { $0.hasPrefix("transformer.resblocks.") && $0.hasSuffix("ln_1.bias") }
        let rows = try #require(checkpoint["token_embedding.weight"]).shape[0]
        let tower = try TextTower(
            Plan.Tower(
                encoder: "text/clip",
                config: [
                    "vocabulary": .integer(rows), "positions": .integer(length), "limit": .integer(length),
                    "width": .integer(width), "layers": .integer(layers.count),
                    "heads": .integer(name.hasPrefix("openai") ? width / 64 : 4), "activation": .text(activation),
                ], projection: .matrix),
            width: space, from: reference.fixture.file(weights),
            KeyMap([Rule("text.projection.weight", "text_projection", .transposed)])
                + KeyMap.openText.below("text.", ""), assets: Assets(clipVocabulary()))
        let ids = try inputs.integers("\(name)_text").rows(of: length)
        try reference.check(tower.projected(ids), "\(name)_text_features", relative: 2e-5)
        try reference.check(tower.projected(ids).l2Normalized(), "\(name)_text_normalized", relative: 2e-5)
        try reference.check(
            tower.encoder.features([ids[0]], layer: 1).reshaped([length, width]), "\(name)_text_block0_item0",
            relative: 1e-4)
    }

    @Test(.enabled(if: openCLIP != nil))
    func openCLIPWithoutCausality() throws {
        let reference = try #require(TextTowersTests.openCLIP)
        let tower = try TextTower(
            Plan.Tower(
                encoder: "text/clip",
                config: [
                    "vocabulary": 600, "positions": 20, "limit": 20, "width": 32, "layers": 3, "heads": 4,
                    "activation": "gelu", "epsilon": 1e-6, "causal": false, "fill": true, "pooling": "last",
                ], projection: .linear),
            width: 32, from: reference.fixture.file("custom_text_siglip/open_clip_model.safetensors"),
            KeyMap([Rule("text.projection.{kind}", "text.text_projection.{kind}")])
                + KeyMap.openText.below("text.", "text."), assets: Assets(clipVocabulary()))
        let inputs = try reference.fixture.tensors("inputs.safetensors")
        let ids = try inputs.integers("custom_text_siglip_text").rows(of: 20)
        try reference.check(tower.projected(ids), "custom_text_siglip_text_features", relative: 2e-5)
    }

    @Test(.enabled(if: imageBind != nil && clip != nil))
    func imageBindReadsAsOpenAIDoes() throws {
        let reference = try #require(TextTowersTests.imageBind)
        let vocabulary = try #require(TextTowersTests.clip).fixture.file("model")
        let tower = try TextTower(
            Plan.Tower(
                encoder: "text/clip",
                config: [
                    "width": 4, "layers": 3, "heads": 2, "activation": "gelu", "epsilon": 1e-6,
                    "tokenizer": "clip_openai",
                ], projection: .matrix),
            width: 20, from: reference.fixture.file("model/imagebind_tiny.pth"),
            KeyMap([Rule("text.projection.weight", "modality_heads.text.proj.1.weight")])
                + KeyMap.imageBindText.below("text.", ""), assets: assets(vocabulary))
        let texts = try reference.texts()
        let recorded = try reference.ids("text_ids", mask: nil)
        let ids = try tower.encoder.tokens(of: texts).ids
        #expect(ids.map { $0 + [Int](repeating: 0, count: 77 - $0.count) } == recorded)
        let expected = try reference.expected.tensor("embeddings_text").l2Normalized()
        expectClose(try tower.projected(ids).l2Normalized(), expected, relative: 1e-4)
    }

    @Test(.enabled(if: msCLAP2022 != nil))
    func msCLAPReadsBERT() throws {
        let reference = try #require(TextTowersTests.msCLAP2022)
        let folder = reference.fixture.file("model")
        let tower = try TextTower(
            Plan.Tower(
                encoder: "text/bert",
                config: [
                    "vocabulary": 800, "positions": 128, "limit": 100, "width": 48, "layers": 3, "heads": 4,
                    "hidden": 96, "pooling": "first",
                ], projection: .residual),
            width: 32, from: folder.appending(path: "CLAP_weights_2022.pth"),
            TextTowersTests.msCLAPHead + KeyMap.bertText.below("text.", "caption_encoder.base."),
            assets: assets(folder.appending(path: "tokenizer")))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.projected(ids), "text_embeddings", relative: 1e-4)
    }

    @Test(.enabled(if: msCLAP2023 != nil))
    func msCLAPReadsGPT2() throws {
        let reference = try #require(TextTowersTests.msCLAP2023)
        let folder = reference.fixture.file("model")
        let tower = try TextTower(
            Plan.Tower(
                encoder: "text/gpt2",
                config: [
                    "vocabulary": 700, "positions": 80, "limit": 77, "width": 48, "layers": 3, "heads": 4,
                    "pooling": "counted", "suffix": " <|endoftext|>",
                ], projection: .residual),
            width: 32, from: folder.appending(path: "CLAP_weights_2023.pth"),
            TextTowersTests.msCLAPHead + KeyMap.gpt2Text.below("text.", "caption_encoder.base."),
            assets: assets(folder.appending(path: "tokenizer")))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.projected(ids), "text_embeddings", relative: 1e-4)
        try reference.check(
            tower.encoder.features(Array(ids.prefix(3))), "text_hidden_first3", relative: 1e-4, rows: ids)
    }

    private static let msCLAPHead = KeyMap([
        Rule("text.projection.first.weight", "caption_encoder.projection.linear1.weight"),
        Rule("text.projection.second.weight", "caption_encoder.projection.linear2.weight"),
        Rule("text.projection.norm.{kind}", "caption_encoder.projection.layer_norm.{kind}"),
    ])

    /// Some vocabulary: these fixtures give ids.
    private func clipVocabulary() throws -> [String: Data] {
        ["merges.txt": try Data(contentsOf: Fixture.golden("text/merges.txt"))]
    }
}
