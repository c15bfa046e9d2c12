import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

@Suite struct BERTTests {
    static let minilm = TextReference("minilm")
    static let anchor: URL? = {
        let url = Fixture.checkout.appending(path: "models/all-MiniLM-L6-v2")
        guard FileManager.default.fileExists(atPath: url.path) else {
            print("skipped: \(url.path) is not there (make anchor puts it there)")
            return nil
        }
        return url
    }()
    static let bert = TextReference("bert-hf")
    static let roberta = TextReference("roberta-hf")

    private func model(_ url: URL) throws -> Model { try Model(at: url, modalities: Modalities.all) }

    /// The real weights, sixty sentences in one batch padded to 256.
    @Test(.enabled(if: minilm != nil && anchor != nil))
    func sentencesOfMiniLM() throws {
        let reference = try #require(BERTTests.minilm)
        let model = try model(#require(BERTTests.anchor))
        let tower = try TextTower(model)
        let texts = try reference.texts("inputs/sentences.json")
        let ids = try reference.ids()
        let batch = try tower.encoder.tokens(of: texts)
        #expect(batch.ids == ids)
        #expect(batch.truncated.contains { $0 > 0 })
        try reference.check(
            tower.encoder(ids, .inference), "sentence_embeddings", relative: 0, absolute: 2e-5)
        let third = tower.encoder.features([ids[3]])
        try reference.check(
            third.reshaped([ids[3].count, 384]), "last_hidden_sentence_3", relative: 1e-5)
        let vectors = try model.space.embed(texts.map { .text($0) }, as: "text")
        try reference.check(vectors, "sentence_embeddings", relative: 0, absolute: 2e-5)
        try reference.check(vectors.matmul(transposed: vectors), "similarity", relative: 0, absolute: 1e-5)
    }

    /// Whatever a text is embedded with, and in whatever order, its vector stays the same.
    @Test(.enabled(if: minilm != nil && anchor != nil))
    func companyDoesNotMatter() throws {
        let model = try model(#require(BERTTests.anchor))
        let texts = try #require(BERTTests.minilm).texts("inputs/sentences.json").map { Item.text($0) }
        let together = try model.space.embed(texts, as: "text")
        let reversed = try model.space.embed(texts.reversed(), as: "text")
        expectClose(reversed.flipped(axis: 0), together, relative: 1e-6)
        for index in [0, 7, 59] {
            let alone = try model.space.embed([texts[index]], as: "text")
            expectClose(alone, together.slice(axis: 0, index..<index + 1), relative: 2e-6)
        }
    }

    @Test(
        .enabled(if: bert != nil),
        arguments: ["model/model.safetensors", "model/pytorch_model_legacy_names.bin", "model"])
    func bertOfAnyAge(path: String) throws {
        let reference = try #require(BERTTests.bert)
        let tower = try TextTower(model(reference.fixture.file(path)))
        let ids = try reference.ids()
        #expect(try tower.encoder.tokens(of: try reference.texts()).ids == ids)
        try reference.check(tower.encoder(ids, .inference), "pooled", relative: 5e-5)
        try reference.check(tower.encoder.features(ids), "last_hidden", relative: 5e-5, rows: ids)
        for layer in 0...3 {
            try reference.check(
                tower.encoder.features(ids, layer: layer), "hidden_\(layer)", relative: 1e-4, rows: ids)
        }
    }

    @Test(.enabled(if: roberta != nil))
    func robertaCountsPositionsPastThePadding() throws {
        let reference = try #require(BERTTests.roberta)
        let tower = try TextTower(model(reference.fixture.file("model")))
        let ids = try reference.ids()
        // The record was cut at 40 tokens, below what the folder says.
        let tokenizer = try Tokenizer(json: Data(contentsOf: reference.fixture.file("model/tokenizer.json")))
        #expect(tokenizer(try reference.texts(), limit: 40).ids == ids)
        #expect(try tower.encoder.tokens(of: try reference.texts()).longest == 64)
        try reference.check(tower.encoder(ids, .inference), "pooled", relative: 5e-5)
        try reference.check(tower.encoder.features(ids, layer: -1), "hidden_2", relative: 1e-4, rows: ids)
        try reference.check(tower.encoder.features(ids), "last_hidden", relative: 5e-5, rows: ids)
    }
}
