import BinderyAudio
import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPublished
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// Microsoft's CLAP of both years, from the files as published, against recorded references.
@Suite struct MSCLAPTests {
    static let of2022 = Fixture("msclap-2022")
    static let of2023 = Fixture("msclap-2023")

    private func open(_ path: String, of fixture: Fixture) throws -> Model {
        let model = try Model(at: fixture.file(path), modalities: Modalities.all)
        #expect(model.family == "MS-CLAP")
        return model
    }

    private func texts(_ fixture: Fixture) throws -> [Item] {
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/texts.json")))
        return texts.map { .text($0) }
    }

    /// The part of a file that the reference drew.
    private func crop(_ url: URL, seconds: Double) -> Item {
        Item(.file(url), range: 12345 / 44100..<12345 / 44100 + seconds)
    }

    private func check(_ model: Model, _ items: [Item], _ fixture: Fixture) throws {
        let expected = try fixture.tensors("expected_f64.safetensors")
        let audio = try model.space.embed(items, as: "audio")
        let text = try model.space.embed(texts(fixture), as: "text")
        expectClose(audio, try expected.tensor("audio_embeddings").l2Normalized(), relative: 1e-4)
        expectClose(text, try expected.tensor("text_embeddings").l2Normalized(), relative: 1e-4)
        expectClose(
            try model.space.logits(audio, text, as: ("audio", "text")), try expected.tensor("similarity"), relative: 0,
            absolute: 1e-3)
        // What the heads say before the vectors are made unit.
        let tower = try model.space.tower("audio")
        let heads = tower.projection(try model.space.features(items, as: "audio"))
        expectClose(heads, try expected.tensor("audio_embeddings"), relative: 1e-4)
    }

    @Test(.enabled(if: of2022 != nil), arguments: ["model", "model/CLAP_weights_2022.pth"])
    func agreesWith2022(_ path: String) throws {
        let fixture = try #require(Self.of2022)
        let long = fixture.file("inputs/long.wav")
        let items = [
            Item(.file(fixture.file("inputs/short_2s.wav"))), Item(.file(long), range: 0..<5), crop(long, seconds: 5),
        ]
        try check(open(path, of: fixture), items, fixture)
    }

    @Test(.enabled(if: of2023 != nil && of2022 != nil)) func agreesWith2023() throws {
        let (fixture, older) = (try #require(Self.of2023), try #require(Self.of2022))
        let model = try open("model", of: fixture)
        let items = [
            Item(.file(older.file("inputs/short_2s.wav"))), Item(.file(older.file("inputs/long.wav"))),
            crop(fixture.file("inputs/long.wav"), seconds: 7),
        ]
        try check(model, items, fixture)

        let encoder = try #require(try model.space.tower("audio").encoder as? HTSAT)
        let expected = try fixture.tensors("expected.safetensors")
        let clips = try items.map { item in
            var clips = try encoder.clips(of: item)
            return try #require(try clips.next()).clip
        }
        let logMel = try expected.tensor("logmel").reshaped([965, 64])
        let differences = zip(clips[2].values, logMel.values).filter { $0.1 > -60 }.map { abs($0.0 - $0.1) }
        #expect(differences.max() ?? 1 <= 2e-3)
        var stages: [String: Tensor] = [:]
        let pooled = encoder(.stacked(clips), .inference) { stages[$0] = $1 }
        expectClose(pooled, try expected.tensor("audio_features"), relative: 1e-4)
        for (ours, theirs, count) in [
            ("patches", "patch_embed", 512), ("0", "stage_0", 512), ("1", "stage_1", 256), ("2", "stage_2", 64),
            ("3", "stage_3", 64),
        ] {
            let map = try #require(stages[ours])
            let recorded = try expected.tensor(theirs)
            let tokens = map.reshaped([3, map.shape[1] * map.shape[2], map.shape[3]])
            let chosen = tokens.slice(axis: 0, recorded.shape[0] == 1 ? 2..<3 : 0..<3)
            expectClose(chosen.slice(axis: 1, 0..<count), recorded, relative: 1e-4, theirs)
        }
    }

    /// Without a configuration beside it, the file alone tells its sizes; only heads that are not 64 wide it cannot.
    @Test(.enabled(if: of2022 != nil && of2023 != nil), arguments: ["2022", "2023"])
    func theFileAloneTellsWhatItIs(_ year: String) throws {
        let fixture = try #require(year == "2022" ? Self.of2022 : Self.of2023)
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "CLAP_weights_\(year).pth")
        try FileManager.default.copyItem(at: fixture.file("model/CLAP_weights_\(year).pth"), to: file)
        let alone = #expect(throws: PublishedError.self) { try Model(at: file, modalities: Modalities.all) }
        #expect("\(try #require(alone))".contains("heads of its text encoder"))
        try Data(#"{"heads": 4}"#.utf8).write(to: folder.url.appending(path: "config.json"))
        let nowhere = folder.url.appending(path: "nowhere")
        let lost = #expect(throws: PublishedError.self) {
            try Model(at: file, tokenizer: nowhere, modalities: Modalities.all)
        }
        #expect("\(try #require(lost))".contains("no tokenizer at"))
        // Sounds need no vocabulary; texts say whose is missing.
        let mute = try Model(at: file, modalities: Modalities.all)
        let refused = #expect(throws: (any Error).self) { try mute.space.embed([.text("rain")], as: "text") }
        let lender = year == "2022" ? "bert-base-uncased" : "gpt2"
        #expect("\(try #require(refused))".contains(lender))
        let model = try Model(
            at: file, tokenizer: fixture.file("model/tokenizer"), modalities: Modalities.all)
        let full = try open("model", of: fixture)
        let items = [Item(.file(fixture.file("inputs/long.wav")))]
        #expect(
            try model.space.embed(items, as: "audio").values == full.space.embed(items, as: "audio").values)
        let texts = try texts(fixture)
        #expect(try model.space.embed(texts, as: "text").values == full.space.embed(texts, as: "text").values)
        #expect(
            try mute.space.embed(items, as: "audio").values == full.space.embed(items, as: "audio").values)
        // A pulled model of that name lends it.
        let nested = folder.url.appending(path: "clap")
        try FileManager.default.createDirectory(at: nested, withIntermediateDirectories: true)
        for name in [file.lastPathComponent, "config.json"] {
            try FileManager.default.moveItem(
                at: folder.url.appending(path: name), to: nested.appending(path: name))
        }
        try FileManager.default.copyItem(
            at: fixture.file("model/tokenizer"), to: folder.url.appending(path: lender))
        let lent = try Model(at: nested, modalities: Modalities.all)
        #expect(try lent.space.embed(texts, as: "text").values == full.space.embed(texts, as: "text").values)
        #expect(lent.notes.contains { $0.contains(lender) })
    }
}
