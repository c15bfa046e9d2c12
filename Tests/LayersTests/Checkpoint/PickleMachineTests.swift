import BinderyLayers
import BinderyTensors
import Foundation
import Testing

@Suite struct PickleMachineTests {
    let scratch: Scratch
    private let tensor = Pickle.tensor(
        Pickle.storage("FloatStorage", key: "0", count: 4), shape: [4], strides: [1])

    init() throws { scratch = try Scratch() }

    private func open(_ root: [UInt8]) throws -> Checkpoint {
        try Checkpoint(contentsOf: scratch.file("a.pt", Pickle.archive(root)))
    }

    private func problem(_ root: [UInt8]) throws -> CheckpointError.Problem? {
        problems(opening: try scratch.file("a.pt", Pickle.archive(root))).first
    }

    /// What a pickle that runs a command looks like: refused by name, wherever it stands and whether it is called or not.
    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("__builtin__", "exec"),
        ("torch.hub", "load"), ("subprocess", "Popen"), ("torch", "load"), ("torch.storage", "_load_from_bytes"),
        ("collections", "namedtuple"), ("numpyx", "array"), ("__torchx__", "A"),
    ]) func refusesForeignNames(module: String, name: String) throws {
        let call = Array("c\(module)\n\(name)\n".utf8) + Pickle.tuple([Pickle.text("true")]) + [0x52]
        let expected = CheckpointError.Problem.foreign(global: "\(module).\(name)")
        #expect(try problem(call) == expected)
        #expect(try problem(Pickle.dictionary([("w", call), ("v", tensor)])) == expected)
        #expect(
            try problem(Pickle.dictionary([("v", tensor), ("w", Array("c\(module)\n\(name)\n".utf8))])) == expected)
        let stacked = Pickle.text(module) + Pickle.text(name) + [0x93, 0x29, 0x81]
        #expect(try problem(stacked) == expected)
    }

    @Test func keepsHarmlessExtrasOut() throws {
        let namespace = Array("cargparse\nNamespace\n)\u{81}".unicodeScalars.map { UInt8($0.value) })
        let state = Pickle.dictionary([("lr", [0x47] + [UInt8](repeating: 0, count: 8))]) + [0x62]
        let array = Array("cnumpy.core.multiarray\n_reconstruct\n".utf8) + Pickle.tuple([[0x4E]]) + [0x52]
        let checkpoint = try open(
            Pickle.dictionary([
                ("args", namespace + state), ("array", array), ("w", tensor), ("none", [0x4E]), ("set", [0x8F]),
                ("big", [0x8A, 10] + [UInt8](repeating: 255, count: 10)), ("bytes", [0x43, 2, 1, 2]),
            ]))
        #expect(checkpoint.names == ["w"])
    }

    /// The weights are the wrapped dictionary, not the optimiser's, which holds more tensors.
    @Test func findsTheWeights() throws {
        let one = Pickle.dictionary([("w", tensor)])
        let three = Pickle.dictionary([("a", tensor), ("b", tensor), ("c", tensor)])
        let two = Pickle.dictionary([("x", tensor), ("y", tensor)])
        #expect(try open(Pickle.dictionary([("optimizer", three), ("state_dict", one)])).names == ["w"])
        #expect(
            try open(Pickle.dictionary([("model", Pickle.dictionary([("state_dict", two)])), ("ema", one)])).names == [
                "x", "y",
            ])
        #expect(try open(Pickle.dictionary([("p", tensor), ("state_dict", one)])).names == ["w"])
        #expect(try open(Pickle.dictionary([("audio", one), ("text", two)])).names == ["audio.w", "text.x", "text.y"])
        #expect(try problem(Pickle.dictionary([("w", [0x4E])])) == .noWeights)
        #expect(try problem([0x4E]) == .noWeights)
    }

    @Test func laterItemsReplaceEarlierOnes() throws {
        let pair = Pickle.tensor(Pickle.storage("FloatStorage", key: "0", count: 4), shape: [2, 2], strides: [2, 1])
        #expect(try open(Pickle.dictionary([("w", tensor), ("w", pair)]))["w"]?.shape == [2, 2])
    }

    @Test(
        arguments: [
            ([0x30], "takes more"), ([0x74], "no mark"), ([0x68, 1], "recalls"),
            ([0x4E, 0x29, 0x52], "calls what is no name"),
            ([0x28, 0x4E, 0x28, 0x61], "takes more"), ([0x29, 0x4E, 0x73], "takes more"),
            ([0x4E, 0x4E, 0x4E, 0x73], "no dictionary"),
            ([0x7D, 0x28, 0x4E, 0x75], "key without a value"), ([0x4E, 0x4E, 0x61], "no list"),
            ([0x69], "instruction 0x69"),
            ([0x58, 255, 255, 255, 255], "ends too early"),
            ([0x8D] + [UInt8](repeating: 255, count: 8), "ends too early"),
            ([0x8B, 255, 255, 255, 255], "ends too early"), ([0x63, 0x61], "no name"), ([0x80, 9], "protocol 9"),
            ([0x4E, 0x4E, 0x93], "without a name"), ([0x4E, 0x51], "storage that cannot be"),
        ] as [([UInt8], String)]) func refusesBrokenPickles(root: [UInt8], reason: String) throws
    {
        guard case .pickle(let found, at: 2...)? = try problem(root) else {
            Issue.record("not refused as a pickle")
            return
        }
        #expect(found.contains(reason))
    }

    /// Deep nesting, cycles and shared branches: what would overflow a stack or fill the memory when followed naively.
    @Test func nestingIsBounded() throws {
        let deep = [UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: 1_000_000)
        #expect(try problem(deep) == .noWeights)
        let lists = [UInt8](repeating: 0x5D, count: 300_000) + [UInt8](repeating: 0x61, count: 299_999)
        #expect(try problem(lists) == .noWeights)
        // d["state_dict"] = d, ["x"] = d
        let cycle = [0x7D, 0x94] + Pickle.text("state_dict") + [0x68, 0, 0x73] + Pickle.text("x") + [0x68, 0, 0x73]
        #expect(try problem(cycle) == .noWeights)
        // d_n = {"a": d_(n-1), "b": d_(n-1)}: 2^60 paths.
        var shared = [0x7D, 0x94] as [UInt8]
        for level: UInt8 in 0..<60 {
            shared +=
                [0x30, 0x7D, 0x94] + Pickle.text("a") + [0x68, level, 0x73] + Pickle.text("b") + [0x68, level, 0x73]
        }
        #expect(try problem(shared) == .noWeights)
        let many = [UInt8](repeating: 0x4E, count: 5_000_000)
        guard case .pickle? = try problem(many) else {
            Issue.record("five million values were built")
            return
        }
        // OrderedDict(list) copies the list: the same long one again and again.
        let pair = Pickle.tuple([Pickle.text("k"), [0x4E]])
        var copies = [0x28] + [UInt8](pair) + [0x94]
        for _ in 0..<10_000 { copies += [0x68, 0] }
        copies += [0x6C, 0x85, 0x94, 0x30]
        for _ in 0..<1000 { copies += Array("ccollections\nOrderedDict\n".utf8) + [0x68, 1, 0x52, 0x30] }
        guard case .pickle(let reason, _)? = try problem(copies + [0x4E]) else {
            Issue.record("ten million copies were made")
            return
        }
        #expect(reason.contains("more than"))
    }
}
