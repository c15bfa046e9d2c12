import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func everyNumberTypeBecomesFloats() throws {
        let header = """
            {"f64":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"f32":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},\
            "f16":{"dtype":"F16","shape":[6],"data_offsets":[20,32]},"bf16":{"dtype":"BF16","shape":[2],"data_offsets":[32,36]},\
            "i64":{"dtype":"I64","shape":[1],"data_offsets":[36,44]},"i32":{"dtype":"I32","shape":[1],"data_offsets":[44,48]},\
            "i16":{"dtype":"I16","shape":[1],"data_offsets":[48,50]},"i8":{"dtype":"I8","shape":[1],"data_offsets":[50,51]},\
            "u8":{"dtype":"U8","shape":[1],"data_offsets":[51,52]},"bool":{"dtype":"BOOL","shape":[2,1],"data_offsets":[52,54]}}
            """
        var data: [UInt8] = []
        func append<T>(_ value: T) { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
        append(1.5)
        append(-1e300)
        append(Float(-2.25))
        for half: UInt16 in [0x3C00, 0x0001, 0x83FF, 0x7C00, 0xFBFF, 0x7E01] { append(half) }
        for brain: UInt16 in [0x3FC0, 0xC2F7] { append(brain) }
        append(Int64(-7))
        append(Int32(-8))
        append(Int16(-9))
        append(Int8(-10))
        append(UInt8(250))
        append(UInt8(0))
        append(UInt8(1))
        let url = try scratch.file("types.safetensors", safetensorsBytes(header, data: 0) + data)
        let checkpoint = try Checkpoint(contentsOf: url)

        func values(_ name: String) throws -> [Float] { try checkpoint.tensor(name).values }
        #expect(try values("f64") == [1.5, -.infinity])
        #expect(try values("f32") == [-2.25])
        let halves = try values("f16")
        #expect(halves.prefix(5) == [1, 0x1p-24, -1023 * 0x1p-24, .infinity, -65504])
        #expect(halves[5].isNaN)
        #expect(try values("bf16") == [1.5, -123.5])
        #expect(try values("i64") == [-7])
        #expect(try values("u8") == [250])
        #expect(try values("bool") == [0, 1])
        for (name, expected) in [("i64", [-7]), ("i32", [-8]), ("i16", [-9]), ("i8", [-10]), ("u8", [250])] {
            #expect(try checkpoint.integers(name) == expected)
        }
        #expect(try checkpoint.integers("bool") == [0, 1])
        #expect(checkpoint["bool"]?.shape == [2, 1] && checkpoint["bool"]?.dtype == .bool)
        #expect(throws: CheckpointError(checkpoint.path, .notIntegers(tensor: "f16", type: .f16))) {
            try checkpoint.integers("f16")
        }
        #expect(throws: CheckpointError(checkpoint.path, .missing(tensor: "f8"))) { try checkpoint.tensor("f8") }
    }

    /// Pages of a file come back from it; memory that no file stands behind stays.
    @Test func restingPagesLoseNothing() throws {
        let url = try scratch.safetensors(
            #"{"a":{"dtype":"F32","shape":[5000],"data_offsets":[0,20000]}}   "#, data: 20000)
        let words = try WordVectors(
            contentsOf: scratch.file("words.vec", Array((0..<4000).map { "w\($0) \($0) 1\n" }.joined().utf8)))
        for tensor in [try Checkpoint(contentsOf: url).tensor("a"), try words.checkpoint.tensor("vectors")] {
            #expect(tensor.storage.isBorrowed)
            let before = tensor.values.map(\.bitPattern)
            tensor.storage.rest()
            #expect(tensor.values.map(\.bitPattern) == before)
        }
    }

    /// All 65 536 halves against the arithmetic definition.
    @Test func everyHalfIsExact() throws {
        let halves = (0...UInt16.max).map(\.littleEndian)
        let header = #"{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
        let url = try scratch.file(
            "h.safetensors", safetensorsBytes(header, data: 0) + halves.withUnsafeBytes(Array.init))
        let found = try Checkpoint(contentsOf: url).tensor("h").values
        for (bits, value) in zip(halves, found) {
            let exponent = Int(bits >> 10 & 31)
            let fraction = Float(bits & 1023)
            let sign: Float = bits >> 15 == 1 ? -1 : 1
            switch exponent {
            case 31: #expect(fraction == 0 ? value == sign * .infinity : value.isNaN)
            case 0: #expect(value == sign * fraction * 0x1p-24 && value.sign == sign.sign)
            default: #expect(value == sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction))
            }
        }
    }

    @Test func alignedFloatsAreTheFileItself() throws {
        let url = scratch.url.appending(path: "w.safetensors")
        try Checkpoint.write([("w", Tensor((0..<6).map(Float.init), [2, 3]))], to: url)
        let tensor = try Checkpoint(contentsOf: url).tensor("w")
        #expect(tensor.storage.isBorrowed)
        // The map outlives the checkpoint, and the name of the file.
        try FileManager.default.removeItem(at: url)
        #expect(tensor.values == [0, 1, 2, 3, 4, 5])
    }

    @Test(arguments: 0..<4) func oddOffsetsAreCopied(padding: Int) throws {
        let spaces = String(repeating: " ", count: padding)
        let header = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"# + spaces
        let tensor = try Checkpoint(contentsOf: scratch.safetensors(header, data: 8)).tensor("w")
        #expect(tensor.storage.isBorrowed == ((8 + header.utf8.count) % 4 == 0))
        #expect(tensor.values.map(\.bitPattern) == [0x0302_0100, 0x0706_0504])
    }

    @Test func whatIsWrittenIsRead() throws {
        let url = scratch.url.appending(path: "w.safetensors")
        let tensors: [(String, Tensor)] = [
            ("z", Tensor([1, 2, 3, 4, 5, 6], [3, 2])), ("a \"quoted\"\\\n\u{1}é🎻", Tensor(7)),
            ("empty", .zeros([0, 4])),
        ]
        let metadata = ["format": "pt", "zeile": "1\n2\t\u{7f}"]
        try Checkpoint.write(tensors, metadata: metadata, to: url)
        let once = try Data(contentsOf: url)
        let checkpoint = try Checkpoint(contentsOf: url)
        #expect(checkpoint.metadata == metadata)
        #expect(checkpoint.names == tensors.map(\.0).sorted())
        for (name, tensor) in tensors {
            #expect(checkpoint[name]?.shape == tensor.shape)
            #expect(try checkpoint.tensor(name).values == tensor.values)
        }
        try Checkpoint.write(tensors, metadata: metadata, to: url)
        #expect(try Data(contentsOf: url) == once)
        #expect(scratch.leftovers == ["w.safetensors"])
    }

    @Test func aFileThatCannotBeWrittenLeavesNothing() throws {
        let folder = scratch.url.appending(path: "folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(throws: CheckpointError.self) { try Checkpoint.write([("a", Tensor(1))], to: folder) }
        #expect(throws: CheckpointError.self) {
            try Checkpoint.write([("a", Tensor(1))], to: scratch.url.appending(path: "no/such.safetensors"))
        }
        let twice = scratch.url.appending(path: "twice.safetensors")
        #expect(throws: CheckpointError(twice.path, .duplicate(tensor: "a"))) {
            try Checkpoint.write([("a", Tensor(1)), ("a", Tensor(2))], to: twice)
        }
        #expect(scratch.leftovers == ["folder"])
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "'a' claims the bytes 0 to 8 of 4"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "'a' claims the bytes 8 to 0 of 8"),
        (
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8,
            "'a' has 8 bytes, which do not hold F32 numbers of shape [3]"
        ),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "the data bytes 0 to 4 belong to no tensor"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "the data bytes 4 to 8 belong to no tensor"),
        (#"{"a":{"dtype":"F9","shape":[1],"data_offsets":[0,4]}}"#, 4, "'a' has the unknown number type F9"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "is too large"),
        (#"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "is too large"),
        (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, 0, "no number below 2^63"),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#, 0, "no whole number"),
        (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,0]}}"#, 0, "no ']'"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "no pair of offsets for 'a'"),
        (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, #"no "shape" for 'a'"#),
        (#"{"a":{"dtype":"F32","shape":[],"shape":[],"data_offsets":[0,4]}}"#, 4, #"or "data_offsets" for 'a'"#),
        (#"{"a":1}"#, 0, "no '{'"), (#"{"a""#, 0, "no ':'"), (#"{"a"#, 0, "no closing quote"), ("{}}", 0, "no end"),
        (#"{"\ud800":{}}"#, 0, "no surrogate pair"), (#"{"\x":{}}"#, 0, "no known escape"),
        (#"{"__metadata__":{"a":1}}"#, 0, "no string"),
    ]) func refuses(header: String, data: Int, reason: String) throws {
        let url = try scratch.safetensors(header, data: data)
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(contentsOf: url) }
        let description = error?.description ?? ""
        #expect(description.contains(reason))
        #expect(description.hasPrefix(url.path) && !description.contains("\n"))
    }

    @Test func everyProblemIsNamedAtOnce() throws {
        let header = """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"X","shape":[2],"data_offsets":[8,16]},\
            "c":{"dtype":"F32","shape":[2],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}
            """
        #expect(
            problems(opening: try scratch.safetensors(header, data: 16)) == [
                .duplicate(tensor: "a"), .unknownType(tensor: "b", type: "X"),
                .wrongLength(tensor: "c", shape: [2], type: .f32, bytes: 4),
            ])
        let overlapping = """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},\
            "c":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}
            """
        #expect(
            problems(opening: try scratch.safetensors(overlapping, data: 24)) == [
                .overlap(tensor: "b", with: "a"), .hole(begin: 12, end: 16), .hole(begin: 20, end: 24),
            ])
    }

    @Test func refusesFilesThatAreNoSafetensors() throws {
        #expect(problems(opening: scratch.url.appending(path: "none.safetensors")) == [.absent])
        #expect(problems(opening: scratch.url) == [.directory])
        #expect(problems(opening: URL(filePath: "/dev/zero")) == [.unreadable("not a regular file")])
        #expect(problems(opening: try scratch.file("a.safetensors", [])) == [.empty])
        #expect(problems(opening: try scratch.file("a.safetensors", [1, 2])) == [.truncated(expected: 8, found: 2)])
        #expect(problems(opening: try scratch.file("a.txt", Array("hello, world".utf8))) == [.unknownFormat])
        let pointer = Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8)
        #expect(problems(opening: try scratch.file("a.safetensors", pointer)) == [.largeFilePointer])
        let gigantic: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 127] + Array("{}".utf8)
        #expect(
            problems(opening: try scratch.file("a.safetensors", gigantic)) == [
                .headerTooLong(bytes: UInt64(Int64.max), limit: 100_000_000)
            ])
        let long: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)
        #expect(problems(opening: try scratch.file("a.safetensors", long)) == [.truncated(expected: 264, found: 10)])
        let nested = String(repeating: "{\"a\":", count: 100_000)
        #expect(!problems(opening: try scratch.safetensors(nested, data: 0)).isEmpty)
    }

    /// Damage at any byte either throws or yields a file whose every tensor can be read.
    @Test func damageNeverTraps() throws {
        let header = """
            {"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},\
            "b":{"dtype":"I16","shape":[3],"data_offsets":[8,14]}}
            """
        let whole = safetensorsBytes(header, data: 14)
        #expect(exhaust(try scratch.file("whole.safetensors", whole)))
        for length in 0..<whole.count {
            #expect(!exhaust(try scratch.file("cut.safetensors", Array(whole[..<length]))))
        }
        for index in whole.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] {
                var damaged = whole
                damaged[index] ^= mask
                _ = exhaust(try scratch.file("flipped.safetensors", damaged))
            }
        }
    }

    @Test(.enabled(if: Fixture("openclip") != nil)) func readsPublishedHalves() throws {
        let fixture = try #require(Fixture("openclip"))
        let checkpoint = try fixture.tensors("rn/open_clip_model.safetensors")
        #expect(checkpoint.entries.values.contains { $0.dtype == .f16 })
        for name in checkpoint.names {
            #expect(try checkpoint.tensor(name).values.allSatisfy(\.isFinite))
        }
    }
}
