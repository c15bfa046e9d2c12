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

/// open_clip's folders and OpenAI's single files, stage by stage and end to end.
@Suite struct OpenCLIPTests {
    static let fixture = Fixture("openclip")
    static let vocabulary = Fixture("clip-hf")

    /// Opened as a person opens it; none of the five has a vocabulary beside it.
    private func model(_ path: String) throws -> Model {
        try Model(
            at: #require(Self.fixture).file(path), tokenizer: #require(Self.vocabulary).file("model"),
            modalities: Modalities.all)
    }

    /// The fixture's pictures as all five models were given them.
    private func pictures(_ name: String) throws -> [Tensor] {
        let inputs = try #require(Self.fixture).tensors("inputs.safetensors")
        let mean = Tensor([0.48145466, 0.4578275, 0.40821073], [1, 1, 1, 3])
        let deviation = Tensor([0.26862954, 0.26130258, 0.27577711], [1, 1, 1, 3])
        let levels = try inputs.tensor("\(name)_image").permuted([0, 2, 3, 1])
        return ((levels * (1 / 255) - mean) / deviation).rows
    }

    private func check(_ found: Tensor, _ name: String, relative: Float, absolute: Float = 0) throws {
        let expected = try #require(Self.fixture).tensors("expected.safetensors").tensor(name)
        expectClose(found, expected, relative: relative, absolute: absolute, name)
    }

    private static let all = [
        ("vit", "vit"), ("rn", "rn"), ("custom_text_siglip", "custom_text_siglip"),
        ("openai_vit", "openai_vit/torchscript_fp16.pt"), ("openai_rn50", "openai_rn50/state_dict_fp16.pt"),
    ]

    @Test(.enabled(if: fixture != nil && vocabulary != nil), arguments: all)
    func endToEnd(name: String, path: String) throws {
        let model = try model(path)
        #expect(model.family == (name.hasPrefix("openai") ? "OpenAI CLIP" : "OpenCLIP"))
        let tower = try model.space.tower("image")
        let own: Tensor
        if let encoder = tower.encoder as? ModifiedResNet {
            own = encoder(try pictures(name), .inference)
        } else {
            let encoder = try #require(tower.encoder as? VisionTransformer)
            own = encoder(try pictures(name), .inference)
        }
        let images = tower.projection(own)
        try check(images, "\(name)_image_features", relative: 2e-5)
        try check(images.l2Normalized(), "\(name)_image_normalized", relative: 2e-5)
        let inputs = try #require(Self.fixture).tensors("inputs.safetensors")
        let length = try #require(inputs["\(name)_text"]).shape[1]
        let ids = try inputs.integers("\(name)_text").rows(of: length)
        let text = try model.space.tower("text")
        let writing = try #require(text.encoder as? TextTransformer)
        let texts = text.projection(writing(ids, .inference))
        try check(texts, "\(name)_text_features", relative: 2e-5)
        let logits = try model.space.logits(
            images.l2Normalized(), texts.l2Normalized(), as: ("image", "text"))
        try check(logits, "\(name)_logits_per_image", relative: 0, absolute: 1e-3)
    }

    @Test(
        .enabled(if: fixture != nil && vocabulary != nil),
        arguments: [
            ("vit", "vit", 3), ("custom_text_siglip", "custom_text_siglip", 2),
            ("openai_vit", "openai_vit/torchscript_fp16.pt", 1),
        ])
    func blocks(name: String, path: String, count: Int) throws {
        let encoder = try #require(model(path).space.tower("image").encoder as? VisionTransformer)
        let picture = try #require(try pictures(name).first)
        for block in 0..<count {
            let states = encoder.features(.stacked([picture]), layer: block + 1)
            try check(
                states.reshaped(Array(states.shape.dropFirst())), "\(name)_vision_block\(block)_item0", relative: 1e-4)
        }
    }

    @Test(
        .enabled(if: fixture != nil && vocabulary != nil),
        arguments: [("rn", "rn"), ("openai_rn50", "openai_rn50/state_dict_fp16.pt")])
    func maps(name: String, path: String) throws {
        let encoder = try #require(model(path).space.tower("image").encoder as? ModifiedResNet)
        var found: [(String, Tensor)] = []
        _ = encoder(.stacked(try pictures(name)), .inference) { found.append(($0, $1)) }
        #expect(found.map(\.0) == ["stem", "layer1", "layer2", "layer3", "layer4"])
        for (stage, map) in found {
            let first = map.slice(axis: 0, 0..<1).permuted([0, 3, 1, 2])
            try check(
                first.reshaped(Array(first.shape.dropFirst())), "\(name)_\(stage)_item0", relative: 1e-4)
        }
    }

    @Test func readsItsPreprocessor() throws {
        let squash = try Config.openPixels(["resize_mode": "squash", "mean": [0.5, 0.5, 0.5]], size: [40, 40])
        #expect(squash["resize"] == "exact" && squash["mean"] == [0.5, 0.5, 0.5])
        let longest = try Config.openPixels(
            ["resize_mode": "longest", "fill_color": 9, "size": [30, 20]], size: [40, 40])
        #expect(longest["resize"] == "within" && longest["size"] == [30, 20] && longest["fill"] == 9)
        #expect(try Config.openPixels([:], size: [40, 20])["resize"] == "cover")
        #expect(throws: ConfigError.self) { try Config.openPixels(["resize_mode": "tile"], size: [40, 40]) }
    }
}
