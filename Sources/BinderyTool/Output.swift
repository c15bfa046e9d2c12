import Bindery
import Foundation

/// Where results go: standard output or a file that appears whole or not at all.
enum Output {
    /// A line of results; where standard output takes none, the command has failed.
    static func line(_ text: String) {
        do { try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) } catch {
            note("bindery: standard output cannot be written; check where it leads")
            exit(1)
        }
    }

    static func json(_ value: some Encodable, pretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        try AtomicFile.save(Data(text.utf8), to: URL(filePath: path))
    }

    /// Progress and warnings, on standard error.
    static func note(_ text: String) { progress(text + "\n") }

    /// Text on standard error as it is; work goes on where no one can read of it.
    static func progress(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
