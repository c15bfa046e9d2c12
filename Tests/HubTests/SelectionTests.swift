import Foundation
import Testing

@testable import BinderyHub

@Suite struct SelectionTests {
    private func wanted(_ names: [String], including: [String] = []) throws -> [String] {
        let siblings = names.map { #"{"rfilename":"\#($0)"}"# }.joined(separator: ",")
        let id = try HubID("a/b")
        let listing = try Listing(Data(#"{"siblings":[\#(siblings)]}"#.utf8), of: id)
        return try Selection.wanted(of: listing, id, including: including).map(\.name).sorted()
    }

    @Test func oneSetOfWeightsIsEnough() throws {
        let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
        #expect(
            try wanted(shards + ["model.safetensors.index.json", "pytorch_model.bin", "tf_model.h5", "config.json"])
                == ["config.json"] + shards + ["model.safetensors.index.json"])
        #expect(
            try wanted(["open_clip_pytorch_model.bin", "open_clip_model.safetensors", "open_clip_config.json"])
                == ["open_clip_config.json", "open_clip_model.safetensors"])
        #expect(try wanted(["Cnn14.pth", "training_args.bin", "optimizer.pt"]) == ["Cnn14.pth"])
        #expect(
            try wanted(["pytorch_model.bin", "flax_model.msgpack", "1_Pooling/config.json", "modules.json"])
                == ["1_Pooling/config.json", "modules.json", "pytorch_model.bin"])
    }

    @Test func severalWeightsNeedAWord() throws {
        #expect(throws: HubError.self) { try wanted(["a.pt", "b.pt"]) }
        #expect(try wanted(["a.pt", "b.pt"], including: ["b.pt"]) == ["b.pt"])
        #expect(throws: HubError.self) { try wanted(["a.pt"], including: ["c.pt"]) }
        #expect(throws: HubError.self) { try wanted(["config.json"]) }
    }

    @Test(arguments: ["", "a/b/c", "a//b", "../b", "a/..", "a b/c", "a/b?x", ".a/b", "-a/b"])
    func namesThatAreNone(text: String) { #expect(throws: HubError.self) { try HubID(text) } }

    @Test func namesThatAreSome() throws {
        #expect(try HubID("openai/clip-vit-base-patch32").name == "clip-vit-base-patch32")
        #expect(try HubID("gpt2").name == "gpt2")
        #expect("refs/pr 1é".percentEncoded == "refs%2Fpr%201%C3%A9")
    }

    @Test(arguments: ["ftp://a", "localhost", "http://", "http://a b"])
    func addressesThatAreNone(text: String) { #expect(throws: HubError.self) { try Hub(endpoint: text) } }

    @Test func hashesAreReadAsHubsWriteThem() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let data = Data("one two".utf8)
        try data.write(to: file)
        #expect(try #require(ContentHash("\"\(sha256(data))\"")).matches(file))
        #expect(try #require(ContentHash("W/\"\(gitBlob(data))\"")).matches(file))
        #expect(try !#require(ContentHash(sha256(Data()))).matches(file))
        #expect(ContentHash("5f3a-1b") == nil)
    }
}
