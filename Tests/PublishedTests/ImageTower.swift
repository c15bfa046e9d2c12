import BinderyBinding
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// A published model of pictures, with the recorded results of its fixture.
struct ImageTower {
    let fixture: Fixture
    let expected: Checkpoint
    let model: Model

    init?(_ name: String, _ path: String = "model", tokenizer: URL? = nil) throws {
        guard let fixture = Fixture(name) else { return nil }
        self.fixture = fixture
        expected = try fixture.tensors("expected.safetensors")
        model = try Model(at: fixture.file(path), tokenizer: tokenizer, modalities: Modalities.all)
    }

    /// The encoder of pictures, which is of the type `E`.
    func encoder<E: Encoder>(_ type: E.Type = VisionTransformer.self) throws -> E {
        try #require(try model.space.tower("image").encoder as? E)
    }

    /// Recorded pictures, channels last as ours are.
    func pictures(_ name: String = "pixel_values", in file: String? = nil) throws -> Tensor {
        let file = try file.map { try fixture.tensors($0) } ?? expected
        return try file.tensor(name).permuted([0, 2, 3, 1])
    }

    /// Vectors behind the head, as they are.
    func projected<E: Encoder>(_ pictures: Tensor, _ type: E.Type = VisionTransformer.self) throws -> Tensor
    where E.Clip == Tensor {
        try model.space.tower("image").projection(encoder(type)(pictures.rows, .inference))
    }

    func check(_ found: Tensor, _ name: String, relative: Float, absolute: Float = 0) throws {
        expectClose(found, try expected.tensor(name), relative: relative, absolute: absolute, name)
    }

    func texts() throws -> [Item] {
        try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/texts.json")))
            .map { .text($0) }
    }

    func files(_ names: [String]) -> [Item] { names.map { .file(fixture.file("inputs/\($0)")) } }

    /// Files and texts through everything: unit vectors and logits.
    func checkFiles(_ names: [String], embeddings: Float, logits: Float) throws {
        let images = try model.space.embed(files(names), as: "image")
        try check(images, "image_embeds", relative: 0, absolute: embeddings)
        let texts = try model.space.embed(texts(), as: "text")
        try check(texts, "text_embeds", relative: 0, absolute: embeddings)
        try check(
            model.space.logits(images, texts, as: ("image", "text")), "logits_per_image", relative: 0, absolute: logits)
        try check(
            model.space.logits(texts, images, as: ("text", "image")).transposed(0, 1), "logits_per_image", relative: 0,
            absolute: logits)
    }
}

extension Tensor {
    /// The tensors along the first axis, without it.
    var rows: [Tensor] {
        (0..<shape[0]).map { slice(axis: 0, $0..<$0 + 1).reshaped(Array(shape.dropFirst())) }
    }
}
