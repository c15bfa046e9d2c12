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

/// The picture half of the families that transformers saves, stage by stage and end to end.
@Suite struct ImageTowersTests {
    @Test func clip() throws {
        guard let tower = try ImageTower("clip-hf") else { return }
        let pictures = try tower.pictures()
        let encoder = try tower.encoder()
        for layer in 0...3 {
            try tower.check(encoder.features(pictures, layer: layer), "vision_hidden_\(layer)", relative: 1e-4)
        }
        try tower.check(encoder(pictures.rows, .inference), "image_pooled", relative: 2e-5)
        try tower.check(tower.projected(pictures), "image_features_unnormalized", relative: 2e-5)
        try tower.check(tower.projected(pictures).l2Normalized(), "image_embeds", relative: 0, absolute: 2e-5)
        let prepared = try tower.files(["image0.jpg", "image1.jpg", "image2.jpg"]).map {
            try encoder.preparation($0)
        }
        try tower.check(.stacked(prepared).permuted([0, 3, 1, 2]), "pixel_values", relative: 0, absolute: 0.2)
        try tower.checkFiles(["image0.jpg", "image1.jpg", "image2.jpg"], embeddings: 2e-5, logits: 1e-3)
    }

    /// Folders of some years ago write plain numbers for sizes; they mean the same.
    @Test func clipOfOldFolders() throws {
        guard let fixture = Fixture("clip-hf") else { return }
        let folder = try TemporaryFolder()
        for name in ["config.json", "model.safetensors", "preprocessor_config.legacy.json"] {
            try FileManager.default.createSymbolicLink(
                at: folder.file(name.replacingOccurrences(of: ".legacy", with: "")),
                withDestinationURL: fixture.file("model/\(name)"))
        }
        let files = try ModelFiles(folder.url, tokenizer: nil)
        let new = try ModelFiles(fixture.file("model"), tokenizer: nil)
        let found = try files.pixels(.clip, size: [56, 56])
        #expect(found["resize"] == "shortest" && found["size"] == 56 && found["centre"] == "floor")
        let (old, recent) = (found["crop"], try new.pixels(.clip, size: [56, 56])["crop"])
        #expect(old == 56 && recent == [56, 56])
    }

    @Test func sigLIP() throws {
        guard let tower = try ImageTower("siglip-hf") else { return }
        let pictures = try tower.pictures()
        let encoder = try tower.encoder()
        for layer in 0...3 {
            try tower.check(encoder.features(pictures, layer: layer), "vision_hidden_\(layer)", relative: 1e-4)
        }
        try tower.check(encoder.features(pictures), "vision_post_layernorm", relative: 1e-4)
        try tower.check(encoder(pictures.rows, .inference), "image_pooled", relative: 5e-5)
        let prepared = try tower.files(["image0.png", "image1.png"]).map { try encoder.preparation($0) }
        try tower.check(.stacked(prepared).permuted([0, 3, 1, 2]), "pixel_values", relative: 0, absolute: 1e-6)
        try tower.checkFiles(["image0.png", "image1.png"], embeddings: 2e-5, logits: 1e-3)
    }

    @Test func vit() throws {
        guard let tower = try ImageTower("vit-hf") else { return }
        let pictures = try tower.pictures(in: "inputs.safetensors")
        let encoder = try tower.encoder()
        for layer in 0...3 {
            let first = encoder.features(pictures.slice(axis: 0, 0..<1), layer: layer)
            try tower.check(first, "hidden_\(layer)", relative: 1e-4)
        }
        let all = try tower.expected.tensor("last_hidden_after_layernorm")
        let vectors = encoder(pictures.rows, .inference)
        expectClose(vectors, all.slice(axis: 1, 0..<1).reshaped([2, 48]), relative: 5e-5)
        let weights = try tower.fixture.tensors("model/model.safetensors")
        let logits = vectors.linear(
            weight: try weights.tensor("classifier.weight"), bias: try weights.tensor("classifier.bias"))
        try tower.check(logits, "logits", relative: 5e-5)
    }

    @Test func dino() throws {
        guard let tower = try ImageTower("dinov2-hf") else { return }
        let pictures = try tower.pictures(in: "inputs.safetensors")
        let encoder = try tower.encoder()
        for layer in 0...3 {
            let first = encoder.features(pictures.slice(axis: 0, 0..<1), layer: layer)
            try tower.check(first, "hidden_\(layer)", relative: 1e-4)
        }
        try tower.check(encoder(pictures.rows, .inference), "pooled", relative: 5e-5)
        let wide = try tower.pictures("pixel_values_other_size", in: "inputs.safetensors")
        try tower.check(encoder(wide.rows, .inference), "pooled_other_size", relative: 5e-5)
    }

    @Test func align() throws {
        guard let tower = try ImageTower("align-hf") else { return }
        let pictures = try tower.pictures(in: "inputs.safetensors")
        let encoder = try tower.encoder(EfficientNet.self)
        var maps: [Int: Tensor] = [:]
        let pooled = encoder(pictures, .inference) { maps[$0] = $1.permuted([0, 3, 1, 2]) }
        for layer in [0, 1, 2, 4] {
            let map = try #require(maps[layer]).slice(axis: 0, 0..<1)
            try tower.check(map.reshaped(Array(map.shape.dropFirst())), "vision_hidden_\(layer)_item0", relative: 1e-4)
        }
        try tower.check(try #require(maps[maps.count - 1]), "vision_last_hidden", relative: 1e-4)
        try tower.check(pooled, "image_pooled", relative: 5e-5)
        try tower.check(pooled.l2Normalized(), "image_embeds", relative: 5e-5)
        let texts = try tower.model.space.embed(tower.texts(), as: "text")
        try tower.check(texts, "text_embeds", relative: 5e-5)
        try tower.check(
            tower.model.space.logits(pooled.l2Normalized(), texts, as: ("image", "text")), "logits_per_image",
            relative: 5e-5)
    }

    /// Pictures of any proportions; the folder has no tokenizer, and its texts are recorded as ids.
    @Test func sigLIP2() throws {
        guard let vocabulary = Fixture("clip-hf")?.file("model"),
            let tower = try ImageTower("siglip2-hf", tokenizer: vocabulary)
        else { return }
        let inputs = try tower.fixture.tensors("inputs.safetensors")
        let shapes = try inputs.integers("spatial_shapes").rows(of: 2)
        let patches = try inputs.tensor("pixel_values")
        let vision = try tower.encoder()
        var pictures: [Tensor] = []
        for (row, shape) in shapes.enumerated() {
            let count = shape[0] * shape[1]
            let own = patches.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<count)
            let picture = own.reshaped([shape[0], shape[1], 8, 8, 3]).permuted([0, 2, 1, 3, 4])
                .reshaped([shape[0] * 8, shape[1] * 8, 3])
            pictures.append(picture)
            let states = vision.features(.stacked([picture]))
            let recorded = try tower.expected.tensor("vision_last_hidden").slice(axis: 0, row..<row + 1)
            expectClose(states, recorded.slice(axis: 1, 0..<count), relative: 1e-4)
        }
        let images = vision(pictures, .inference).l2Normalized()
        try tower.check(images, "image_embeds", relative: 5e-5)
        let text = try tower.model.space.tower("text")
        let ids = try inputs.integers("input_ids").rows(of: 16)
        let encoder = try #require(text.encoder as? TextTransformer)
        let texts = text.projection(encoder(ids, .inference)).l2Normalized()
        try tower.check(texts, "text_embeds", relative: 5e-5)
        try tower.check(
            tower.model.space.logits(images, texts, as: ("image", "text")), "logits_per_image", relative: 5e-5)
    }

    /// Sizes come from files that anybody may have written: each is bounded, and says so in a sentence.
    @Test(arguments: [
        "\"hidden_size\": 4000000000", "\"image_size\": 100000", "\"image_size\": [48]", "\"patch_size\": 0",
        "\"patch_size\": [8, 4]", "\"num_attention_heads\": 5", "\"hidden_act\": \"soft\"", "\"num_hidden_layers\": 5",
        "\"hidden_size\": 52", "\"image_size\": 64", "\"num_channels\": 2",
    ])
    func refusesWhatDoesNotFit(change: String) throws {
        guard let fixture = Fixture("vit-hf") else { return }
        let folder = try TemporaryFolder()
        let text = try String(contentsOf: fixture.file("model/config.json"), encoding: .utf8)
        let key = change.prefix { $0 != ":" }
        let pattern = try Regex("\(key): (\\[[^\\]]*\\]|[^,\\n]*)")
        try text.replacing(pattern, with: change).write(
            to: folder.file("config.json"), atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            at: folder.file("model.safetensors"), withDestinationURL: fixture.file("model/model.safetensors"))
        #expect(throws: (any Error).self) { try Model(at: folder.url, modalities: Modalities.all) }
    }
}
