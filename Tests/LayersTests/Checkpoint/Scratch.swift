import BinderyLayers
import BinderyTensors
import Foundation
import Testing

/// A folder of its own that is gone when the test is.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let file = url.appending(path: name)
        // Not `Data.write`, which waits for the disk: thousands of damaged files are written here.
        let stream = try #require(OutputStream(url: file, append: false))
        stream.open()
        defer { stream.close() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBufferPointer { part in
                part.baseAddress.map { stream.write($0, maxLength: part.count) } ?? 0
            }
            try #require(written > 0)
            rest = rest.dropFirst(written)
        }
        return file
    }

    /// A safetensors file with this header and `count` bytes 0, 1, 2 … of data.
    func safetensors(_ header: String, data count: Int, named name: String = "a.safetensors") throws -> URL {
        try file(name, safetensorsBytes(header, data: count))
    }

    var leftovers: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
}

func safetensorsBytes(_ header: String, data count: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
        + (0..<count).map { UInt8(truncatingIfNeeded: $0) }
}

/// The problems that opening `url` meets; empty when it opens.
func problems(opening url: URL) -> [CheckpointError.Problem] {
    do throws(CheckpointError) {
        _ = try Checkpoint(contentsOf: url)
        return []
    } catch { return error.problems }
}

/// Opens the file and reads every tensor in every way; only what it throws may go wrong.
func exhaust(_ url: URL) -> Bool {
    do throws(CheckpointError) {
        let checkpoint = try Checkpoint(contentsOf: url)
        for name in checkpoint.names {
            _ = try checkpoint.tensor(name).values
            if checkpoint[name]?.dtype.isFloatingPoint == false { _ = try checkpoint.integers(name) }
        }
        return true
    } catch {
        _ = error.description
        return false
    }
}

/// A zip archive of stored entries, in the order given.
func zip(_ entries: [(name: String, bytes: [UInt8])], method: UInt16 = 0, flags: UInt16 = 0) -> [UInt8] {
    func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
        let sizes = little(UInt32(bytes.count)) + little(UInt32(bytes.count))
        let common = little(flags) + little(method) + [UInt8](repeating: 0, count: 8) + sizes
        let lengths = little(UInt16(name.utf8.count)) + little(UInt16(0))
        directory += [0x50, 0x4B, 1, 2, 0, 0, 0, 0] + common + lengths + [UInt8](repeating: 0, count: 10)
        directory += little(UInt32(archive.count)) + Array(name.utf8)
        archive += [0x50, 0x4B, 3, 4, 0, 0] + common + lengths + Array(name.utf8) + bytes
    }
    let count = little(UInt16(entries.count))
    return archive + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
        + little(UInt32(directory.count)) + little(UInt32(archive.count)) + [0, 0]
}

/// Instructions of a pickle, by hand.
enum Pickle {
    static let orderedDict = Array("ccollections\nOrderedDict\n)R".utf8)

    static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }

    static func int(_ value: Int32) -> [UInt8] { [0x4A] + withUnsafeBytes(of: value.littleEndian, Array.init) }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }

    static func storage(_ kind: String, key: String, count: Int32) -> [UInt8] {
        tuple([text("storage"), Array("ctorch\n\(kind)\n".utf8), text(key), text("cpu"), int(count)]) + [0x51]
    }

    static func tensor(_ storage: [UInt8], offset: Int32 = 0, shape: [Int32], strides: [Int32]) -> [UInt8] {
        let parts = [storage, int(offset), tuple(shape.map(int)), tuple(strides.map(int)), [0x89], orderedDict]
        return Array("ctorch._utils\n_rebuild_tensor_v2\n".utf8) + tuple(parts) + [0x52]
    }

    static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        [0x7D, 0x28] + items.flatMap { text($0.0) + $0.1 } + [0x75]
    }

    /// A torch archive with this root and one storage `0` of the bytes 0, 1, 2 ….
    static func archive(_ root: [UInt8], storage count: Int = 16) -> [UInt8] {
        let numbers = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        return zip([("a/data.pkl", [0x80, 2] + root + [0x2E]), ("a/data/0", numbers)])
    }
}
