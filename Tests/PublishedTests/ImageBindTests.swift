import BinderyAudio
import BinderyBinding
import BinderyDepth
import BinderyIMU
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyPictures
import BinderyPublished
import BinderyTensors
import BinderyThermal
import BinderyVideo
import Foundation
import TestSupport
import Testing

/// ImageBind's recorded outputs, block by block from recorded inputs, and end to end from files.
@Suite struct ImageBindTests {
    static let fixture = Fixture("imagebind")
    static let vocabulary = Fixture("clip-hf")
    let fixture: Fixture
    let expected: Checkpoint
    let inputs: Checkpoint
    let space: JointSpace

    init() throws {
        fixture = try #require(Self.fixture)
        expected = try fixture.tensors("expected.safetensors")
        inputs = try fixture.tensors("inputs.safetensors")
        let model = try Model(
            at: fixture.file("model/imagebind_tiny.pth"), tokenizer: Self.vocabulary?.file("model"),
            modalities: Modalities.all)
        #expect(model.family == "ImageBind")
        space = model.space
    }

    /// Every block and the vectors behind the head, within 1e-4 of the largest number.
    private func check(
        _ tower: String, _ name: String, _ run: (((Int, Tensor) -> Void)) -> Tensor
    ) throws {
        let recorded = expected
        var blocks = 0
        let vectors = run { index, states in
            let key = "\(name)_block\(index)_item0_first8tokens"
            guard let block = try? recorded.tensor(key) else { return }
            blocks += 1
            expectFirst8Tokens(of: states, block, key)
        }
        #expect(blocks >= 2)
        expectClose(
            try space.tower(tower).projection(vectors).l2Normalized(),
            try expected.tensor("embeddings_\(name)").l2Normalized(), relative: 1e-4, name)
    }

    /// Of the last block only the class token's row is computed.
    private func expectFirst8Tokens(of states: Tensor, _ recorded: Tensor, _ note: String) {
        let tokens = min(states.shape[1], 8)
        let part = states.slice(axis: 0, 0..<1).slice(axis: 1, 0..<tokens)
        expectClose(
            part.reshaped([tokens, part.shape[2]]), recorded.slice(axis: 0, 0..<tokens), relative: 1e-4, note)
    }

    /// Channels-last pictures, normalised.
    private func pictures() throws -> Tensor {
        let bytes = try inputs.tensor("vision_u8").permuted([0, 2, 3, 1])
        let mean = Tensor(Picture.clipMean.map(Float.init), [3])
        return (bytes / 255 - mean) / Tensor(Picture.clipDeviation.map(Float.init), [3])
    }

    private func encoder<E: Encoder>(_ tower: String, _ type: E.Type) throws -> E {
        try #require(space.tower(tower).encoder as? E)
    }

    @Test(.enabled(if: fixture != nil)) func picturesBlockByBlock() throws {
        let (encoder, pictures) = (try encoder("image", ImageBindImage.self), try pictures())
        try check("image", "vision") { encoder(pictures, .inference, each: $0) }
    }

    @Test(.enabled(if: fixture != nil)) func depthBlockByBlock() throws {
        let encoder = try encoder("depth", ImageBindDepth.self)
        let maps = try inputs.tensor("depth_u8").reshaped([2, 224, 224]) / 255 * 4 - 2
        try check("depth", "depth") { encoder(maps, .inference, each: $0) }
    }

    @Test(.enabled(if: fixture != nil)) func heatBlockByBlock() throws {
        let encoder = try encoder("thermal", ImageBindThermal.self)
        let maps = try inputs.tensor("thermal_u8").reshaped([2, 224, 224]) / 255
        try check("thermal", "thermal") { encoder(maps, .inference, each: $0) }
    }

    @Test(.enabled(if: fixture != nil)) func motionBlockByBlock() throws {
        let (encoder, windows) = (try encoder("imu", ImageBindIMU.self), try inputs.tensor("imu"))
        try check("imu", "imu") { encoder(windows, .inference, each: $0) }
    }

    @Test(.enabled(if: fixture != nil)) func soundClipByClip() throws {
        let encoder = try encoder("audio", ImageBindAudio.self)
        let files = ["overlap_3s", "long_7s", "short_22k"].map { fixture.file("inputs/\($0).wav") }
        var rows: [Tensor] = []
        for (index, file) in files.enumerated() {
            var clips = try encoder.clips(of: .file(file))
            let pieces = try clips.next(9)
            #expect(pieces.count == 3)
            let banks = Tensor.stacked(pieces.map(\.clip))
            if index == 0 {
                let recorded = try expected.tensor("audio_fbank_file0").reshaped([3, 128, 204])
                expectClose(banks, recorded, relative: 0, absolute: 1e-3, "filter banks")
                _ = encoder(banks, .inference) { block, states in
                    guard let recorded = try? expected.tensor("audio_block\(block)_item0_first8tokens") else { return }
                    expectFirst8Tokens(of: states, recorded, "block \(block)")
                }
            }
            let units = try space.tower("audio").projection(encoder(banks, .inference)).l2Normalized()
            rows.append(units.mean(axes: [0], keeping: true) * 20)
        }
        // The reference averages scaled unit vectors and leaves it at that.
        expectClose(
            Tensor.concatenated(rows, axis: 0), try expected.tensor("embeddings_audio"), relative: 1e-5, "audio")
        let vectors = try space.embed(files.map { .file($0) }, as: "audio")
        expectClose(vectors, try expected.tensor("embeddings_audio").l2Normalized(), relative: 1e-5, "audio")
    }

    @Test(.enabled(if: fixture != nil)) func videoIsTheMeanOfItsClips() throws {
        let scratch = try TemporaryFolder()
        let bytes = try inputs.tensor("vision_u8").permuted([0, 2, 3, 1])
        let frames = (0..<2).map { bytes.slice(axis: 0, $0..<$0 + 1).reshaped([224, 224, 3]) }
        for (index, frame) in [frames[0], frames[1], frames[1].flipped(axis: 1), frames[0].flipped(axis: 1)]
            .enumerated()
        {
            let picture = Picture(width: 224, height: 224, pixels: frame.values.map { UInt8($0) })
            try picture.png().write(to: scratch.file("frame\(9 + index).png"))
        }
        expectClose(
            try space.embed([.file(scratch.url)], as: "video"),
            try expected.tensor("embeddings_video").l2Normalized(), relative: 1e-4, "video")
    }

    @Test(.enabled(if: fixture != nil)) func filesOfPictures() throws {
        let files = ["image0.jpg", "image1.jpg"].map { Item.file(fixture.file("inputs/\($0)")) }
        expectClose(
            try space.embed(files, as: "image"), try expected.tensor("embeddings_vision"), relative: 1e-3, "files")
    }

    @Test(.enabled(if: fixture != nil && vocabulary != nil)) func picturesMeetWords() throws {
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/texts.json")))
        let encoder = try encoder("image", ImageBindImage.self)
        let pictures = try space.tower("image").projection(encoder(pictures(), .inference)).l2Normalized()
        let words = try space.embed(texts.map { .text($0) }, as: "text")
        expectClose(words, try expected.tensor("embeddings_text").l2Normalized(), relative: 1e-4, "texts")
        expectClose(
            try space.logits(pictures, words, as: ("image", "text")), try expected.tensor("similarity_vision_text"),
            relative: 1e-4, "logits")
    }

    @Test(.enabled(if: fixture != nil)) func scalesAreThoseOfTheFile() throws {
        for (sense, scale) in ["audio": 20, "depth": 5, "thermal": 10, "imu": 5] as [String: Float] {
            let found = try space.temperature("image", sense)
            #expect(abs(found.scale.item - scale) < 1e-4 * scale)
            #expect(!found.isLearned)
        }
    }

    @Test(.enabled(if: fixture != nil)) func withoutVocabularyOnlyTextsAreRefused() throws {
        let model = try Model(at: fixture.file("model/imagebind_tiny.pth"), modalities: Modalities.all)
        _ = try model.space.embed([.file(fixture.file("inputs/image0.jpg"))], as: "image")
        let error = #expect(throws: (any Error).self) { try model.space.embed([.text("a dog")], as: "text") }
        #expect("\(try #require(error))".contains("--tokenizer"))
    }
}
