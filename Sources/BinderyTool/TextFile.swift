import ArgumentParser
import Foundation

/// Small files of text that commands read.
enum TextFile {
    /// The lines of a UTF-8 file of at most 16 MiB that are not empty.
    static func lines(of url: URL) throws -> [String] {
        guard let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize, size <= 16 << 20,
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { throw Unreadable(path: url.path) }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is not a UTF-8 text of at most 16 MiB; check the path" }
    }
}
