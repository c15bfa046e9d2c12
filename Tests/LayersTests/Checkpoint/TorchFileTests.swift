import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct TorchFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func golden(_ name: String) -> URL { Fixture.golden("checkpoint/\(name)") }

    private func expectSame(_ found: Checkpoint, _ expected: Checkpoint) throws {
        #expect(found.names == expected.names)
        for name in expected.names {
            let (found, expected) = (try found.tensor(name), try expected.tensor(name))
            #expect(found.shape == expected.shape, "\(name)")
            #expect(found.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(name)")
        }
    }

    @Test(arguments: ["weights.pt", "weights_protocol4.pt", "weights_stream.pth", "deflated_pickle.pt"])
    func readsEveryContainer(name: String) throws {
        let found = try Checkpoint(contentsOf: golden(name))
        try expectSame(found, Checkpoint(contentsOf: golden("weights.safetensors")))
        #expect(found["ids"]?.dtype == .i64 && found["brain"]?.dtype == .bf16)
        #expect(try found.integers("ids") == [0, 1, 2, 3, 4])
        #expect(try found.integers("mask") == [1, 0])
    }

    @Test func readsTheAttributesOfScripts() throws {
        try expectSame(
            Checkpoint(contentsOf: golden("script.pt")), Checkpoint(contentsOf: golden("script.safetensors")))
    }

    @Test func alignedFloatsOfArchivesAreTheFileItself() throws {
        let checkpoint = try Checkpoint(contentsOf: golden("weights.pt"))
        #expect(try checkpoint.tensor("blocks.0.weight").storage.isBorrowed)
        #expect(try !checkpoint.tensor("transposed").storage.isBorrowed)
    }

    @Test func refusesCompressedNumbers() {
        guard case .archive(let reason)? = problems(opening: golden("deflated_numbers.pt")).first else {
            Issue.record("opened")
            return
        }
        #expect(reason.hasPrefix("compresses the numbers"))
    }

    @Test(arguments: ["weights.pt", "weights_stream.pth", "weights_protocol4.pt", "deflated_pickle.pt"])
    func damageNeverTraps(name: String) throws {
        let whole = Array(try Data(contentsOf: golden(name)))
        for length in stride(from: 0, to: whole.count, by: 5) {
            #expect(!exhaust(try scratch.file("cut.pt", Array(whole[..<length]))))
        }
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= [0x01, 0x80, 0xFF][index % 3]
            _ = exhaust(try scratch.file("flipped.pt", damaged))
        }
    }

    @Test(arguments: [
        ("lie outside", Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), shape: [5], strides: [1])),
        ("lie outside", Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), shape: [2], strides: [4])),
        (
            "lie outside",
            Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), offset: 3, shape: [2], strides: [1])
        ),
        (
            "lie outside",
            Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), shape: [.max, 1], strides: [.max, 1])
        ),
        ("cut short", Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 5), shape: [1], strides: [1])),
        ("cut short", Pickle.tensor(Pickle.storage("DoubleStorage", key: "0", count: 3), shape: [1], strides: [1])),
        (
            "not in the file",
            Pickle.tensor(Pickle.storage("FloatStorage", key: "1", count: 4), shape: [4], strides: [1])
        ),
        ("too large", Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), shape: [.max], strides: [0])),
        (
            "too large",
            Pickle.tensor(
                Pickle.storage("FloatStorage", key: "0", count: 4), shape: [.max, .max, .max, 0], strides: [0, 0, 0, 0])
        ),
        (
            "ComplexFloatStorage",
            Pickle.tensor(Pickle.storage("ComplexFloatStorage", key: "0", count: 1), shape: [1], strides: [1])
        ),
    ]) func refusesTensorsOutsideTheirStorage(reason: String, tensor: [UInt8]) throws {
        let url = try scratch.file("a.pt", Pickle.archive(Pickle.dictionary([("w", tensor)])))
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(contentsOf: url) }
        #expect(error?.problems.count == 1 && error?.description.contains(reason) == true)
    }

    @Test func namesEveryBadTensorAtOnce() throws {
        let bad = Pickle.tensor(Pickle.storage("FloatStorage", key: "1", count: 4), shape: [4], strides: [1])
        let url = try scratch.file("a.pt", Pickle.archive(Pickle.dictionary([("v", bad), ("w", bad)])))
        #expect(problems(opening: url).count == 2)
    }

    @Test func readsTensorsOfUntypedStorages() throws {
        let storage = Pickle.tuple([
            Pickle.text("storage"), Array("ctorch.storage\nUntypedStorage\n".utf8), Pickle.text("0"),
            Pickle.text("cpu"), Pickle.int(16),
        ])
        let parts = [
            storage + [0x51], Pickle.int(1), Pickle.tuple([Pickle.int(3)]), Pickle.tuple([Pickle.int(2)]), [0x89],
            Pickle.orderedDict, Array("ctorch\nint16\n".utf8),
        ]
        let tensor = Array("ctorch._utils\n_rebuild_tensor_v3\n".utf8) + Pickle.tuple(parts) + [0x52]
        let url = try scratch.file("a.pt", Pickle.archive(Pickle.dictionary([("w", tensor)])))
        #expect(try Checkpoint(contentsOf: url).integers("w") == [0x0302, 0x0706, 0x0B0A])
    }

    @Test(.enabled(if: Fixture("pickles") != nil)) func readsRecordedFiles() throws {
        let fixture = try #require(Fixture("pickles"))
        let expected = try fixture.tensors("expected.safetensors")
        func compare(_ file: String, _ prefix: String, _ found: Checkpoint, _ names: [String: String]) throws {
            for (theirs, ours) in names {
                let (a, b) = (try found.tensor(theirs), try expected.tensor("\(prefix)/\(ours)"))
                #expect(
                    a.shape == b.shape && a.values.map(\.bitPattern) == b.values.map(\.bitPattern), "\(file) \(theirs)")
            }
        }
        let all = expected.names.filter { $0.hasPrefix("dtypes/") }.map { String($0.dropFirst(7)) }
        for file in ["dtypes_zip.pt", "dtypes_legacy.pt"] {
            let found = try fixture.tensors("model/\(file)")
            #expect(found.names == all)
            try compare(file, "dtypes", found, Dictionary(uniqueKeysWithValues: all.map { ($0, $0) }))
        }
        for file in ["training_checkpoint_zip.pt", "training_checkpoint_protocol4.pt"] {
            let weights = try fixture.tensors("model/\(file)")
            #expect(weights.names == ["module.bias", "module.weight"])
            let everything = try Checkpoint.everything(inTorchFile: fixture.file("model/\(file)"))
            try compare(
                file, "training_checkpoint", everything,
                [
                    "state_dict.module.bias": "module.bias", "state_dict.module.weight": "module.weight",
                    "param": "param", "optimizer.state.0.exp_avg": "exp_avg",
                ])
        }
        let bare = try fixture.tensors("model/bare_tensor.pt").tensor("tensor")
        #expect(try bare.values == expected.tensor("bare_tensor").values)
    }

    /// The same weights once as an old torch file and once as safetensors.
    @Test(.enabled(if: Fixture("bert-hf") != nil)) func readsTheOldNamesOfBERT() throws {
        let fixture = try #require(Fixture("bert-hf"))
        let (old, new) = (
            try fixture.tensors("model/pytorch_model_legacy_names.bin"), try fixture.tensors("model/model.safetensors")
        )
        for name in new.names {
            var theirs = "bert.\(name)"
            if name.contains("LayerNorm") {
                theirs.replace("weight", with: "gamma")
                theirs.replace("bias", with: "beta")
            }
            #expect(try old.tensor(theirs).values == new.tensor(name).values)
        }
    }

    /// How many tensors the published layouts hold, and that every number is one (a causal mask is -inf above).
    @Test(arguments: [
        ("panns-cnn14", "model/Cnn14_tiny_legacy.pth", 82), ("msclap-2022", "model/CLAP_weights_2022.pth", 149),
        ("msclap-2023", "model/CLAP_weights_2023.pth", 208), ("imagebind", "model/imagebind_tiny.pth", 249),
        ("openclip", "openai_rn50/state_dict_fp16.pt", 369), ("openclip", "openai_vit/torchscript_fp16.pt", 38),
    ]) func readsPublishedLayouts(fixture: String, file: String, count: Int) throws {
        guard let fixture = Fixture(fixture) else { return }
        let checkpoint = try fixture.tensors(file)
        #expect(checkpoint.names.count == count)
        for name in checkpoint.names {
            #expect(try checkpoint.tensor(name).values.allSatisfy { !$0.isNaN }, "\(name)")
        }
    }
}
