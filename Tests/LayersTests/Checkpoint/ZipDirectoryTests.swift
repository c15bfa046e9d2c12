import BinderyLayers
import Foundation
import Testing

@Suite struct ZipDirectoryTests {
    let scratch: Scratch
    private let pickle: [UInt8] = [0x80, 2, 0x4E, 0x2E]

    init() throws { scratch = try Scratch() }

    private func problem(_ archive: [UInt8]) throws -> String {
        guard case .archive(let reason)? = problems(opening: try scratch.file("a.pt", archive)).first else { return "" }
        return reason
    }

    @Test(arguments: ["/etc/passwd", "a/../../x", "..", "a\\b"]) func refusesNamesThatPointOutside(name: String) throws
    {
        #expect(try problem(zip([("a/data.pkl", pickle), (name, [1])])).contains("points outside"))
    }

    @Test func refusesWhatItCannotTrust() throws {
        #expect(try problem(zip([("a/data.pkl", pickle), ("a/data.pkl", pickle)])).contains("two entries"))
        #expect(try problem(zip([("a/data.pkl", pickle)], method: 12)).contains("unknown way"))
        #expect(try problem(zip([("a/data.pkl", pickle)], flags: 1)) == "is encrypted")
        #expect(try problem(zip([("a/weights.pkl", pickle)])) == "holds no data.pkl")
        #expect(try problem(zip([("a/b/data.pkl", pickle)])) == "holds no data.pkl")
        #expect(try problem(zip([("a/data.pkl", pickle), ("a/byteorder", Array("big".utf8))])).contains("big-endian"))
        #expect(try problem([0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 100)) == "has no directory")
        // Not a deflate stream.
        #expect(try problem(zip([("a/data.pkl", pickle)], method: 8)).contains("does not hold"))
    }

    /// An entry that claims 4 GB inflated is refused before a byte is allocated.
    @Test func refusesInflationBombs() throws {
        var archive = zip([("a/data.pkl", pickle)], method: 8)
        let record = try #require(archive.indices.first { archive[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        archive.replaceSubrange(record + 24..<record + 28, with: [0xFE, 0xFF, 0xFF, 0xFF])
        #expect(try problem(archive).hasPrefix("claims 4294967294 bytes"))
    }

    @Test func findsTheDirectoryBehindAComment() throws {
        var archive = Pickle.archive([0x4E])
        archive[archive.count - 2] = 5
        archive += Array("hello".utf8)
        #expect(problems(opening: try scratch.file("a.pt", archive)) == [.noWeights])
    }

    /// The 64-bit form that archives above 4 GB have, here around a few bytes.
    @Test func readsThe64BitDirectory() throws {
        func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
        let name = Array("a/data.pkl".utf8)
        let header: [UInt8] =
            [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + little(UInt16(name.count)) + [0, 0]
        let local = header + name + pickle
        let extra = little(UInt16(1)) + little(UInt16(24)) + little(UInt64(4)) + little(UInt64(4)) + little(UInt64(0))
        let unknown = [UInt8](repeating: 0xFF, count: 4)
        let record =
            [0x50, 0x4B, 1, 2] + [UInt8](repeating: 0, count: 16) + unknown + unknown + little(UInt16(name.count))
            + little(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10) + unknown + name + extra
        let wide =
            [0x50, 0x4B, 6, 6] + little(UInt64(44)) + [UInt8](repeating: 0, count: 12) + little(UInt64(1))
            + little(UInt64(1)) + little(UInt64(record.count)) + little(UInt64(local.count))
        let locator = [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + little(UInt64(local.count + record.count)) + little(UInt32(1))
        let end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
        let archive = local + record + wide + locator + end
        #expect(problems(opening: try scratch.file("a.pt", archive)) == [.noWeights])
        for index in archive.indices {
            var damaged = archive
            damaged[index] ^= 0x80
            _ = exhaust(try scratch.file("a.pt", damaged))
        }
    }
}
