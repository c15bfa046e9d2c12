import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct NumpyFileTests {
    @Test(arguments: ["f2", "f4", "f8", "i2", "i4", "i8", "i1", "u1"])
    func readsEveryType(_ name: String) throws {
        let file = try NumpyFile(contentsOf: Fixture.golden("data/\(name).npy"))
        #expect(file.shape == [2, 3])
        #expect(file.tensor().values == [0, 1, 2, 3, 4, 5])
        #expect(try file.row(1).values == [3, 4, 5])
        if !file.dtype.isFloatingPoint { #expect(try file.integers() == [0, 1, 2, 3, 4, 5]) }
    }

    @Test(arguments: ["version2", "version3"])
    func readsEveryVersion(_ name: String) throws {
        let file = try NumpyFile(contentsOf: Fixture.golden("data/\(name).npy"))
        #expect(file.shape == [6])
        #expect(try file.row(4).item == 4)
    }

    @Test func readsFortranOrder() throws {
        let file = try NumpyFile(contentsOf: Fixture.golden("data/fortran.npy"))
        #expect(file.shape == [2, 3, 4])
        #expect(file.tensor().values == (0..<24).map(Float.init))
        #expect(try file.row(1).values == (12..<24).map(Float.init))
    }

    @Test func readsSmallShapes() throws {
        #expect(try NumpyFile(contentsOf: Fixture.golden("data/scalar.npy")).tensor().item == 7)
        #expect(try NumpyFile(contentsOf: Fixture.golden("data/bool.npy")).tensor().values == [0, 1])
        let empty = try NumpyFile(contentsOf: Fixture.golden("data/empty.npy"))
        #expect(empty.tensor().shape == [0, 3])
        #expect(empty.rows == 0)
    }

    @Test func writesTheBytesThatNumPyWrites() throws {
        let scratch = try Scratch()
        let url = scratch.url.appending(path: "a.npy")
        try NumpyFile.write(Tensor([0, 1, 2, 3, 4, 5], [2, 3]), to: url)
        #expect(try Data(contentsOf: url) == Data(contentsOf: Fixture.golden("data/f4.npy")))
        try NumpyFile.write(Tensor.zeros([0, 3]), to: url)
        #expect(try Data(contentsOf: url) == Data(contentsOf: Fixture.golden("data/empty.npy")))
        try NumpyFile.write(Tensor(7), to: url)
        #expect(try Data(contentsOf: url) == Data(contentsOf: Fixture.golden("data/scalar.npy")))
    }

    @Test func writesRowsAsTheyCome() throws {
        let scratch = try Scratch()
        let url = scratch.url.appending(path: "a.npy")
        try NumpyFile.write(shape: [3, 2], to: url) { append in
            try append(Tensor([0, 1], [1, 2]))
            try append(Tensor([2, 3, 4, 5], [2, 2]))
        }
        let file = try NumpyFile(contentsOf: url)
        #expect(file.shape == [3, 2])
        #expect(file.tensor().values == [0, 1, 2, 3, 4, 5])
    }

    @Test func leavesNothingBehindWhenRowsFail() throws {
        struct Stop: Error {}
        let scratch = try Scratch()
        #expect(throws: Stop.self) {
            try NumpyFile.write(shape: [3, 2], to: scratch.url.appending(path: "a.npy")) { append in
                try append(Tensor([0, 1], [1, 2]))
                throw Stop()
            }
        }
        #expect(scratch.leftovers == [])
    }

    @Test func saysWhereItCannotWrite() throws {
        let url = URL(filePath: "/nowhere/a.npy")
        let error = #expect(throws: NumpyError.self) { try NumpyFile.write(Tensor(1), to: url) }
        #expect(error?.description.contains("/nowhere/a.npy") == true)
    }

    @Test func refusesARowThatIsNotThere() throws {
        let file = try NumpyFile(contentsOf: Fixture.golden("data/f4.npy"))
        for row in [-1, 2, .max] {
            let error = #expect(throws: NumpyError.self) { try file.row(row) }
            #expect(error?.problem == .row(row, of: 2))
        }
        let scalar = try NumpyFile(contentsOf: Fixture.golden("data/scalar.npy"))
        #expect(throws: NumpyError.self) { try scalar.row(0) }
    }

    @Test func refusesFloatsAsIntegers() throws {
        let file = try NumpyFile(contentsOf: Fixture.golden("data/f4.npy"))
        #expect(throws: NumpyError.self) { try file.integers() }
    }

    @Test(arguments: [
        ("bigendian", NumpyError.Problem.type(">f4")),
        ("nothing", .file([.absent])),
    ])
    func refuses(_ name: String, _ problem: NumpyError.Problem) {
        let error = #expect(throws: NumpyError.self) {
            try NumpyFile(contentsOf: Fixture.golden("data/\(name).npy"))
        }
        #expect(error?.problem == problem)
    }

    @Test func refusesRecords() {
        #expect(throws: NumpyError.self) { try NumpyFile(contentsOf: Fixture.golden("data/record.npy")) }
    }

    @Test(arguments: [
        "(4000000000, 4000000000)", "(9223372036854775807, 9223372036854775807)", "(0, 9223372036854775807, 2)",
        "(99999999999999999999,)", "(-1,)", "(3,)", "(1,)", "(", "()()", "{", "(1 2)", "('a',)",
        "(" + String(repeating: "1,", count: 40) + ")",
    ])
    func refusesHostileShapes(_ shape: String) throws {
        let scratch = try Scratch()
        let url = try scratch.numpy("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }", data: 8)
        #expect(throws: NumpyError.self) { try NumpyFile(contentsOf: url) }
    }

    @Test(arguments: [
        "", "{", "}", "{'descr'", "{'descr': ", "{'descr': '<f4', }", "{'descr': '<f4', 'descr': '<f4', }",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (2,), }",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x", "\u{0}\u{0}\u{0}",
    ])
    func refusesDamagedHeaders(_ header: String) throws {
        let scratch = try Scratch()
        let url = try scratch.numpy(header, data: 8)
        #expect(throws: NumpyError.self) { try NumpyFile(contentsOf: url) }
    }

    @Test func refusesEveryTruncation() throws {
        let scratch = try Scratch()
        let whole = try Data(contentsOf: Fixture.golden("data/f4.npy"))
        for count in 0..<whole.count {
            let url = try scratch.file("a.npy", Array(whole.prefix(count)))
            #expect(throws: NumpyError.self) { try NumpyFile(contentsOf: url) }
        }
    }

    @Test func survivesEveryChangedByte() throws {
        let scratch = try Scratch()
        let whole = Array(try Data(contentsOf: Fixture.golden("data/fortran.npy")))
        for index in 0..<128 {
            for value in [UInt8(0), 0x27, 0x28, 0x39, 0xFF] {
                var bytes = whole
                bytes[index] = value
                let url = try scratch.file("a.npy", bytes)
                if let file = try? NumpyFile(contentsOf: url) {
                    #expect(file.tensor().shape == file.shape)
                    _ = try? file.row(0)
                }
            }
        }
    }
}

extension Scratch {
    /// A version 1 file with this header and `count` bytes of data.
    fileprivate func numpy(_ header: String, data count: Int) throws -> URL {
        let text = Array((header + "\n").utf8)
        let length = withUnsafeBytes(of: UInt16(text.count).littleEndian, Array.init)
        return try file(
            "a.npy",
            [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0] + length + text + [UInt8](repeating: 0, count: count))
    }
}
