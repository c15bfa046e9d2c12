import BinderyBinding
import BinderyModalities
import BinderyPublished
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// What is exported opens again and says the same; `Benchmarks/export_check.py` asks transformers.
@Suite struct ExportTests {
    @Test(
        arguments: [
            ("clip-hf", "image", "CLIP"), ("siglip-hf", "image", "SigLIP"), ("clap-hf", "audio", "CLAP"),
            ("clap-hf-fused", "audio", "CLAP"),
        ])
    func exportedModelsSayTheSame(name: String, modality: String, family: String) throws {
        guard let fixture = Fixture(name) else { return }
        let folder = try TemporaryFolder()
        let model = try Model(at: fixture.file("model"), modalities: Modalities.all)
        #expect(try model.space.export(to: folder.url).family == family)
        let again = try Model(at: folder.url, modalities: Modalities.all)
        #expect(again.family == model.family)
        let texts = ["a dog barking", "two red cars"].map { Item.text($0) }
        let things = try #require(Modalities.all.first { $0.name == modality }?.inspection).specimens()
        for (items, word) in [(texts, "text"), (Array(things.prefix(3)), modality)] {
            let (old, new) = (try model.space.embed(items, as: word), try again.space.embed(items, as: word))
            expectClose(new, old, relative: 1e-6, "\(name) \(word)")
        }
        let pair = try model.space.temperature(modality, "text")
        #expect(try again.space.temperature(modality, "text").scale.item == pair.scale.item)
    }

    @Test func otherShapesAreRefused() throws {
        guard let bert = Fixture("bert-hf") else { return }
        let folder = try TemporaryFolder()
        let model = try Model(at: bert.file("model"), modalities: Modalities.all)
        let error = #expect(throws: PublishedError.self) { try model.space.export(to: folder.url) }
        #expect(try #require(error).description.contains("CLAP (its towers are text"))
    }
}
