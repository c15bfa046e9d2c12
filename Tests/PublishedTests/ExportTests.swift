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

    /// Asks transformers, where the Python that `BINDERY_PYTHON` names, or `python3`, has it.
    @Test(.enabled(if: Python.hasTransformers), arguments: ["clip-hf", "siglip-hf", "clap-hf", "clap-hf-fused"])
    func transformersSaysTheSame(_ name: String) throws {
        guard let fixture = Fixture(name), let tool = Tool() else { return }
        let script = Fixture.golden("../../Benchmarks/export_check.py").standardizedFileURL.path
        let outcome = try Python.run([script, fixture.file("model").path, "--bindery", tool.url.path])
        #expect(outcome.status == 0, "\(outcome.text)")
        #expect(outcome.text.contains("agrees"), "\(outcome.text)")
    }

    @Test func otherShapesAreRefused() throws {
        guard let bert = Fixture("bert-hf") else { return }
        let folder = try TemporaryFolder()
        let model = try Model(at: bert.file("model"), modalities: Modalities.all)
        let error = #expect(throws: PublishedError.self) { try model.space.export(to: folder.url) }
        #expect(try #require(error).description.contains("CLAP (its towers are text"))
    }
}

/// The Python beside the tests.
private enum Python {
    static let hasTransformers: Bool = {
        let found = try? run(["-c", "import torch, transformers, PIL"])
        if found?.status != 0 { print("skipped: python3 (or BINDERY_PYTHON) has no torch and transformers") }
        return found?.status == 0
    }()

    static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [ProcessInfo.processInfo.environment["BINDERY_PYTHON"] ?? "python3"] + arguments
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
