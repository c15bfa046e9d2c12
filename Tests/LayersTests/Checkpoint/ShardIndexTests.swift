import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct ShardIndexTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func problem(_ index: String) throws -> [CheckpointError.Problem] {
        problems(opening: try scratch.file("model.safetensors.index.json", Array(index.utf8)))
    }

    @Test func joinsShardsOfEveryKind() throws {
        let checkpoint = try Checkpoint(contentsOf: Fixture.golden("checkpoint/model.safetensors.index.json"))
        #expect(checkpoint.names == ["a", "b", "c"])
        #expect(try checkpoint.tensor("b").values == [0, 1, 2])
        #expect(try checkpoint.tensor("c").shape == [2, 2])
        #expect(checkpoint.metadata == ["format": "pt"])
    }

    @Test func namesEveryBadShardAtOnce() throws {
        try Checkpoint.write([("a", Tensor(1))], to: scratch.url.appending(path: "one.safetensors"))
        let found = try problem(
            #"{"weight_map": {"a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors", "d": "../x"}}"#)
        try #require(found.count == 3)
        #expect(found[0] == .index("names the file '../x' outside of its folder"))
        #expect(found[1] == .shard("one.safetensors does not hold 'b'"))
        #expect("\(found[2])".contains("two.safetensors: there is no such file"))
    }

    @Test(arguments: ["{}", #"{"weight_map": 3}"#, #"{"weight_map": {"a": 1}}"#, "{ not json at all"])
    func refusesWhatIsNoIndex(text: String) throws {
        #expect(try problem(text) == [.index("has no \"weight_map\" of names and files")])
    }

    @Test func refusesHostileIndices() throws {
        #expect(try problem(#"{"weight_map": {}}"#) == [.noWeights])
        let nested = "{\"weight_map\":" + String(repeating: "[", count: 100_000)
        #expect(try problem(nested) == [.index("has no \"weight_map\" of names and files")])
        // An index that names itself is no shard.
        let own = try problem(#"{"weight_map": {"a": "model.safetensors.index.json"}}"#)
        #expect(own.count == 1 && "\(own)".contains("neither a safetensors file nor a torch file"))
    }
}
