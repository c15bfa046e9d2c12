import BinderyLayers
import BinderyTensors
import Foundation

/// A folder of its own that is gone when the test is.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
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
