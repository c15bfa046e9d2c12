import Foundation

/// Small files of text that commands read.
enum TextFile {
    /// The lines of a UTF-8 file of at most 16 MiB that are not empty, of which there is at least one, without blanks round them.
    static func lines(of url: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw Refusal("\(url.path): there is no such file; check the path")
        }
        guard let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize, size <= 16 << 20,
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { throw Refusal("\(url.path) is not a UTF-8 text of at most 16 MiB; check the path") }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard !lines.isEmpty else { throw Refusal("\(url.path) has no lines; write one entry per line") }
        return lines
    }
}
