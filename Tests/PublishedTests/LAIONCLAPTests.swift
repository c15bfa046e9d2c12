import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPublished
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyAudio

/// LAION-CLAP as transformers saves it, without and with fusion, against recorded references.
@Suite struct LAIONCLAPTests {
    static let plain = Fixture("clap-hf")
    static let fused = Fixture("clap-hf-fused")

    private func open(_ fixture: Fixture) throws -> Model {
        let model = try Model(at: fixture.file("model"), modalities: Modalities.all)
        #expect(model.family == "LAION-CLAP")
        return model
    }

    /// The three recorded sounds; the last is the crop that the reference took.
    private func items(_ fixture: Fixture) -> [Item] {
        let files = ["a_3s", "b_7s", "c_12s"].map {
            Item.Source.file(fixture.file("inputs/\($0).wav"))
        }
        return [Item(files[0]), Item(files[1]), Item(files[2], range: 31234 / 48000..<(31234 + 480_000) / 48000)]
    }

    private func texts(_ fixture: Fixture) throws -> [Item] {
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/texts.json")))
        return texts.map { .text($0) }
    }

    /// [B, H, W, C] as [B, C, H, W].
    private func channelsFirst(_ map: Tensor) -> Tensor { map.permuted(0, 3, 1, 2) }

    @Test(.enabled(if: plain != nil)) func hearsWhatTheReferenceHears() throws {
        let fixture = try #require(Self.plain)
        let encoder = try #require(try open(fixture).space.tower("audio").encoder as? HTSAT)
        let expected = try fixture.tensors("expected.safetensors").tensor("input_features")
        for (index, item) in items(fixture).enumerated() {
            var clips = try encoder.clips(of: item)
            let clip = try #require(try clips.next()).clip
            #expect(try clips.next() == nil)
            let recorded = expected.slice(axis: 0, index..<index + 1).reshaped([1001, 64])
            #expect(clip.shape == recorded.shape)
            let differences = zip(clip.values, recorded.values).filter { $0.1 > -60 }.map { abs($0.0 - $0.1) }
            #expect(differences.max() ?? 1 <= 2e-3)
            #expect(differences.reduce(0, +) / Float(differences.count) < 1e-4)
        }
    }

    @Test(.enabled(if: plain != nil)) func agreesStageByStage() throws {
        let fixture = try #require(Self.plain)
        let space = try open(fixture).space
        let encoder = try #require(try space.tower("audio").encoder as? HTSAT)
        let expected = try fixture.tensors("expected.safetensors")
        let features = try expected.tensor("input_features").reshaped([3, 1001, 64])
        var stages: [String: Tensor] = [:]
        let pooled = encoder(features, .inference) { stages[$0] = $1 }
        func rows(_ name: String, of file: Int, _ count: Int) throws -> Tensor {
            let map = try #require(stages[name])
            let width = name == "picture" ? 256 : map.shape[3]
            let all = map.slice(axis: 0, file..<file + 1)
            return all.reshaped([all.count / width, width]).slice(axis: 0, 0..<count)
        }
        func check(_ found: Tensor, _ name: String) throws {
            expectClose(found, try expected.tensor(name), relative: 2e-5, name)
        }
        try check(rows("picture", of: 0, 16), "image_after_reshape_file0_first16rows")
        try check(rows("patches", of: 2, 256), "patch_embed_file2_first256tokens")
        try check(rows("0.0", of: 0, 256), "block0_file0_first256tokens")
        try check(rows("0.1", of: 0, 256), "block1_shifted_file0_first256tokens")
        try check(channelsFirst(#require(stages["1"])).slice(axis: 0, 0..<1), "audio_stage_2")
        try check(channelsFirst(#require(stages["2"])), "audio_stage_3")
        try check(channelsFirst(#require(stages["3"])), "audio_stage_4")
        try check(pooled, "audio_pooled")
        let projected = try space.tower("audio").projection(pooled)
        try check(projected, "audio_projected_unnormalized")
        expectClose(
            projected.l2Normalized(), try fixture.tensors("expected_f64.safetensors").tensor("audio_embeds"),
            relative: 0, absolute: 5e-5)
    }

    @Test(.enabled(if: plain != nil)) func comparesSoundsWithTexts() throws {
        let fixture = try #require(Self.plain)
        let space = try open(fixture).space
        let expected = try fixture.tensors("expected_f64.safetensors")
        let audio = try space.embed(items(fixture), as: "audio")
        let text = try space.embed(texts(fixture), as: "text")
        expectClose(audio, try expected.tensor("audio_embeds"), relative: 0, absolute: 2e-4)
        expectClose(text, try expected.tensor("text_embeds"), relative: 0, absolute: 5e-5)
        let perAudio = try space.logits(audio, text, as: ("audio", "text"))
        let perText = try space.logits(text, audio, as: ("text", "audio"))
        expectClose(perAudio, try expected.tensor("logits_per_audio"), relative: 0, absolute: 1e-3)
        expectClose(perText, try expected.tensor("logits_per_text"), relative: 0, absolute: 1e-3)
    }

    @Test(.enabled(if: plain != nil)) func longSoundsAreWindows() throws {
        let fixture = try #require(Self.plain)
        let windows = try open(fixture).space.embedWindows(
            [.file(fixture.file("inputs/c_12s.wav"))], as: "audio")
        #expect(windows.map(\.range) == [0..<10, 2..<12])
    }

    /// The reference drew where its close-ups begin; what it drew is recorded.
    @Test(.enabled(if: fused != nil && plain != nil)) func fusesLongerSounds() throws {
        let (fixture, sounds) = (try #require(Self.fused), try #require(Self.plain))
        let space = try open(fixture).space
        let encoder = try #require(try space.tower("audio").encoder as? HTSAT)
        let expected = try fixture.tensors("expected.safetensors")
        let long = try AudioFile(contentsOf: sounds.file("inputs/c_12s.wav")).waveform()
        let frames = Spectrograph(.clapFused)(long.samples)
        let shrunk = FusedHearing.shrunk(frames, to: 1001)
        let recorded = try expected.tensor("input_features_file2_channel0").reshaped([1001, 64])
        // The reference's transform is in single precision, and a frame takes the noise of quieter neighbours with it.
        let differences = zip(shrunk.values, recorded.values).filter { $0.1 > -60 }.map { abs($0.0 - $0.1) }
        #expect(differences.max() ?? 1 <= 4e-3)
        #expect(differences.reduce(0, +) / Float(differences.count) < 1e-4)

        var clips = try ["a_3s", "b_7s"].map { name in
            var clips = try encoder.clips(of: .file(sounds.file("inputs/\(name).wav")))
            return try #require(try clips.next()).clip
        }
        clips.append(.stacked([shrunk] + [17, 101, 190].map { frames.slice(axis: 0, $0..<$0 + 1001) }))
        let pooled = encoder(clips, .inference)
        expectClose(pooled, try expected.tensor("audio_pooled"), relative: 2e-5)
        let audio = try space.tower("audio").projection(pooled).l2Normalized()
        let exact = try fixture.tensors("expected_f64.safetensors")
        expectClose(audio, try exact.tensor("audio_embeds"), relative: 0, absolute: 2e-4)
        let text = try space.embed(texts(fixture), as: "text")
        expectClose(
            try space.logits(audio, text, as: ("audio", "text")), try exact.tensor("logits_per_audio"), relative: 0,
            absolute: 1e-3)

        var stages: [String: Tensor] = [:]
        _ = encoder(.stacked([clips[2]]), .inference) { stages[$0] = $1 }
        let patches = try #require(stages["patches"]).reshaped([64 * 64, 8]).slice(axis: 0, 0..<256)
        expectClose(patches, try expected.tensor("patch_embed_file2_first256tokens"), relative: 2e-5)
    }

    /// Ours begin in the middle of each third, so that nothing is random.
    @Test(.enabled(if: fused != nil && plain != nil)) func closeUpsAreAlwaysTheSame() throws {
        let (fixture, sounds) = (try #require(Self.fused), try #require(Self.plain))
        let encoder = try #require(try open(fixture).space.tower("audio").encoder as? HTSAT)
        var clips = try encoder.clips(of: .file(sounds.file("inputs/c_12s.wav")))
        let clip = try #require(try clips.next()).clip
        #expect(try clips.next() == nil)
        #expect(clip.shape == [4, 1001, 64])
        let long = try AudioFile(contentsOf: sounds.file("inputs/c_12s.wav")).waveform()
        let frames = Spectrograph(.clapFused)(long.samples)
        #expect(frames.shape[0] == 1201)
        for (channel, start) in [33, 100, 167].enumerated() {
            let found = clip.slice(axis: 0, channel + 1..<channel + 2).values
            #expect(found == frames.slice(axis: 0, start..<start + 1001).values)
        }
    }

    /// The same weights under the names that LAION's own code gives them are the same model.
    @Test(.enabled(if: plain != nil && fused != nil), arguments: ["clap-hf", "clap-hf-fused"])
    func opensTheAuthorsOwnFiles(_ name: String) throws {
        let (fixture, sounds) = (try #require(Fixture(name)), try #require(Self.plain))
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "clap.safetensors")
        try Checkpoint.write(originalNames(of: fixture.tensors("model/model.safetensors")), to: file)
        try Data(#"{"heads": 4}"#.utf8).write(to: folder.url.appending(path: "config.json"))
        let original = try Model(at: file, tokenizer: fixture.file("model"), modalities: Modalities.all)
        #expect(original.family == "LAION-CLAP")
        let model = try open(fixture)
        let items = ["a_3s", "c_12s"].map { Item(.file(sounds.file("inputs/\($0).wav"))) }
        let (ours, theirs) = (try original.space.embed(items, as: "audio"), try model.space.embed(items, as: "audio"))
        // Their own code rounds the waveform to 16 bits, transformers does not.
        expectClose(ours, theirs, relative: 1e-2)
        // Their RoBERTa adds 1e-5 to variances where transformers' adds 1e-12.
        let texts = try texts(fixture).dropLast()
        expectClose(
            try original.space.embed(Array(texts), as: "text"), try model.space.embed(Array(texts), as: "text"),
            relative: 1e-2)
        #expect(original.space.plan.pairs == model.space.plan.pairs)
        #expect(try original.space.temperature("text", "audio").scaleBack.item > 1)
    }

    private func originalNames(of hub: Checkpoint) throws -> [(String, Tensor)] {
        let changes = [
            ("audio_model.audio_encoder.batch_norm.", "audio_branch.bn0."),
            ("audio_model.audio_encoder.", "audio_branch."), ("text_model.", "text_branch."),
            ("audio_projection.linear1", "audio_projection.0"), ("audio_projection.linear2", "audio_projection.2"),
            ("text_projection.linear1", "text_projection.0"), ("text_projection.linear2", "text_projection.2"),
        ]
        let inside = [
            (".layernorm_before.", ".norm1."), (".layernorm_after.", ".norm2."),
            (".intermediate.dense.", ".mlp.fc1."), (".attention.self.query.", ".attn.qkv."),
            (".attention.self.rel", ".attn.rel"), (".attention.output.dense.", ".attn.proj."),
            (".output.dense.", ".mlp.fc2."),
        ]
        return try hub.names.filter { !$0.contains("audio_encoder") || !$0.contains(".self.key.") }
            .filter { !$0.contains("audio_encoder") || !$0.contains(".self.value.") }
            .map { name in
                var new = name
                for (old, replacement) in changes where new.hasPrefix(old) {
                    new = replacement + new.dropFirst(old.count)
                }
                if new.hasPrefix("audio_branch.") {
                    for (old, replacement) in inside { new = new.replacing(old, with: replacement) }
                }
                guard new.contains(".attn.qkv.") else { return ("module." + new, try hub.tensor(name)) }
                let parts = try ["query", "key", "value"].map { try hub.tensor(name.replacing("query", with: $0)) }
                return ("module." + new, Tensor.concatenated(parts, axis: 0))
            }
    }

    /// What is wrong is said in one sentence, before any memory is taken.
    @Test(.enabled(if: plain != nil)) func brokenFoldersAreRefused() throws {
        let fixture = try #require(Self.plain)
        let text = try String(contentsOf: fixture.file("model/config.json"), encoding: .utf8)
        let changes = [
            ("\"spec_size\": 256", "\"spec_size\": 250"), ("\"patch_size\": 4", "\"patch_size\": 8"),
            ("\"window_size\": 8", "\"window_size\": 6"), ("\"projection_dim\": 32", "\"projection_dim\": 1e99"),
            ("\"enable_fusion\": false", "\"enable_fusion\": true"),
            ("\"patch_embeds_hidden_size\": 8", "\"patch_embeds_hidden_size\": 7000"),
            (
                "\"projection_hidden_act\": \"relu\",\n  \"text_config",
                "\"projection_hidden_act\": \"gelu\",\n  \"text_config"
            ),
        ]
        for (old, new) in changes {
            #expect(text.contains(old), "\(old)")
            let folder = try TemporaryFolder()
            for name in ["model.safetensors", "preprocessor_config.json", "vocab.json", "merges.txt"] {
                try FileManager.default.copyItem(
                    at: fixture.file("model/\(name)"), to: folder.url.appending(path: name))
            }
            try Data(text.replacing(old, with: new).utf8).write(to: folder.url.appending(path: "config.json"))
            let error = #expect(throws: (any Error).self, "\(new)") {
                try Model(at: folder.url, modalities: Modalities.all)
            }
            #expect(!"\(try #require(error))".contains("\n"))
        }
    }
}
