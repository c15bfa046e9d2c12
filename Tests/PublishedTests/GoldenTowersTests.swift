import BinderyBinding
import BinderyEvaluation
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// Tiny models of every family of pictures, opened as published folders are (Tests/Goldens/towers.py).
@Suite struct GoldenTowersTests {
    @Test(arguments: [
        "clip", "siglip", "siglip2", "vit", "dinov2", "dinov2_with_registers", "align", "eva01", "eva02", "eva02e",
        "siglip2_timm", "clip_vision", "siglip_vision", "vit_grey", "coca", "convnext",
    ])
    func agrees(name: String) throws {
        let folder = Fixture.golden("towers/\(name)")
        let model = try Model(at: folder, modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        let pictures = try recorded.tensor("pictures").permuted([0, 2, 3, 1]).rows
        let tower = try model.space.tower("image")
        let own: Tensor
        if let network = tower.encoder as? EfficientNet {
            own = network(pictures, .inference)
        } else if let network = tower.encoder as? ConvNeXt {
            own = network(pictures, .inference)
        } else {
            let network = try #require(tower.encoder as? VisionTransformer)
            own = network(pictures, .inference)
        }
        let vectors = tower.projection(own).l2Normalized()
        expectClose(vectors, try recorded.tensor("vectors"), relative: 1e-5, name)
    }

    /// Without a layer, states are those behind the last norm; their class token's is the picture's vector.
    @Test(arguments: ["vit", "dinov2", "dinov2_with_registers"]) func statesAreNormed(name: String) throws {
        let folder = Fixture.golden("towers/\(name)")
        let model = try Model(at: folder, modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        let pictures = try recorded.tensor("pictures").permuted([0, 2, 3, 1])
        let network = try #require(try model.space.tower("image").encoder as? VisionTransformer)
        let states = network.features(pictures)
        let first = states.slice(axis: 1, 0..<1).reshaped([states.shape[0], states.shape[2]]).l2Normalized()
        expectClose(first, try recorded.tensor("vectors"), relative: 1e-5, name)
        let last = network.features(pictures, layer: network.layers)
        #expect(last.shape == states.shape)
        #expect(last.values != states.values)
    }

    /// Every attention as transformers has it, also where the patches are no square and registers stand before them.
    @Test(arguments: [("vit", 1, 3), ("dinov2_with_registers", 5, 2)])
    func looksWhereTransformersLook(_ name: String, _ rows: Int, _ columns: Int) throws {
        let folder = Fixture.golden("towers/\(name)")
        let model = try Model(at: folder, modalities: Modalities.all)
        let network = try #require(try model.space.tower("image").encoder as? VisionTransformer)
        let picture = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors")).tensor("pictures")
            .permuted([0, 2, 3, 1]).slice(axis: 0, 0..<1)
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "attention.safetensors"))
        let seen = AttentionWatch.watching { _ = network(picture.rows, .inference) }.seen
        #expect(seen.weights.count == 2 && !seen.hasWindows)
        for (layer, weights) in seen.weights.enumerated() {
            let expected = try recorded.tensor("layer\(layer)").slice(axis: 0, 0..<1)
            expectClose(weights, expected, relative: 0, absolute: 1e-5, "\(name), layer \(layer)")
        }
        let rollout = try recorded.tensor("rollout").values
        let (low, high) = (try #require(rollout.min()), try #require(rollout.max()))
        let map = try #require(AttentionMap(picture.rows[0], seen))
        #expect(map.shares.count == rows && map.shares.allSatisfy { $0.count == columns })
        for (share, value) in zip(map.shares.joined(), rollout) {
            #expect(abs(share - (value - low) / (high - low)) < 1e-3)
        }
        #expect(map.drawn(side: 16).count == 16 * 16 * 3)
    }

    /// A BERT inside open_clip's folder: repaired texts, the mean over their tokens, a head of two matrices.
    @Test func readsWithTextTowersOfTransformers() throws {
        let folder = Fixture.golden("towers/openclip_bert")
        let scratch = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: Fixture.golden("text/wordpiece.json"), to: scratch.file("tokenizer.json"))
        let model = try Model(at: folder, tokenizer: scratch.url, modalities: Modalities.all)
        let texts = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: folder.appending(path: "texts.json")))
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        expectClose(
            try model.space.embed(texts.map { .text($0) }, as: "text"), try recorded.tensor("vectors"), relative: 1e-5)
        let mute = try Model(at: folder, modalities: Modalities.all)
        let error = #expect(throws: (any Error).self) { try mute.space.embed([.text("a dog")], as: "text") }
        #expect("\(try #require(error))".contains("bert-tiny"))
    }

    /// CoCa's text tower: the token behind a text sees one number behind it, and nothing that follows a filling's id.
    @Test func readsWithCoCa() throws {
        let folder = Fixture.golden("towers/coca")
        let model = try Model(at: folder, modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        let tower = try model.space.tower("text")
        let encoder = try #require(tower.encoder as? TextTransformer)
        let rows = [[14, 3, 9, 15, 0], [14, 5, 0, 7, 15, 0], [14, 2, 8, 11, 6, 1, 4, 15]]
        let vectors = tower.projection(encoder(rows, .inference)).l2Normalized()
        expectClose(vectors, try recorded.tensor("texts"), relative: 1e-5)
    }

    /// GPT-2 alone, as a language model saves it.
    @Test func readsWithGPT2() throws {
        let folder = Fixture.golden("towers/gpt2")
        let model = try Model(at: folder, modalities: Modalities.all)
        #expect(model.family == "GPT-2")
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        let ids = try recorded.integers("ids")
        let encoder = try #require(try model.space.tower("text").encoder as? TextTransformer)
        let vectors = encoder([Array(ids[..<6]), Array(ids[6...])], .inference).l2Normalized()
        expectClose(vectors, try recorded.tensor("vectors"), relative: 1e-5)
    }

    /// Text towers that are none of the known ones are named.
    @Test func refusesOtherTextTowers() throws {
        let scratch = try TemporaryFolder()
        let folder = Fixture.golden("towers/openclip_bert")
        try FileManager.default.copyItem(
            at: folder.appending(path: "open_clip_model.safetensors"), to: scratch.file("open_clip_model.safetensors"))
        let config = try String(contentsOf: folder.appending(path: "open_clip_config.json"), encoding: .utf8)
        for (old, new, word) in [
            ("bert-tiny", "google/mt5-base", "google/mt5-base"),
            ("\"heads\": 2", "\"heads\": 2, \"use_pad_mask\": true", "use_pad_mask"),
            ("\"heads\": 2", "\"heads\": 2, \"hf_pooler_type\": \"max_pooler\"", "max_pooler"),
        ] {
            try Data(config.replacingOccurrences(of: old, with: new).utf8)
                .write(to: scratch.file("open_clip_config.json"))
            let error = #expect(throws: (any Error).self) { try Model(at: scratch.url, modalities: Modalities.all) }
            #expect("\(try #require(error))".contains(word))
        }
    }

    /// What names of towers decide, and what of them is refused.
    @Test func trunksHaveNames() throws {
        let folder = Fixture.golden("towers/eva02e")
        let files = try ModelFiles(folder, tokenizer: nil)
        let found = try Family.recognise(files)
        let config = try #require(found.plan.towers["image"]?.config)
        #expect(config["order"] == "added" && config["heads"] == 16 && config["keyBias"] == false)
        let layout = OpenLayout(try files.checkpoint())
        for name in ["convnext_base", "vit_base_mci_224", "", "eva"] {
            #expect(throws: PublishedError.self) {
                try JointSpace.Plan.Tower.trunk(
                    ["timm_model_name": .text(name)], layout, size: [28, 28], pixels: .empty, named: "here")
            }
        }
    }
}
