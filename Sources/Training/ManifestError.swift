/// What is wrong with a manifest: the file, and everything of one kind that was found in it.
public struct ManifestError: Error, Hashable, CustomStringConvertible {
    /// The file's path.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    /// What can be wrong with a manifest.
    public enum Problem: Error, Hashable {
        case unreadable(String)
        case tooLarge(bytes: Int, limit: Int)
        case noHeader
        case tooManyColumns(Int, limit: Int)
        case duplicateColumns([String])
        case notUTF8(line: Int)
        case openQuote(line: Int)
        case afterQuote(line: Int)
        case ragged(rows: [Row], count: Int, expected: Int)
        case noRows
        case emptyCells(String, lines: [Int], count: Int)
        case severalPhrases(String)
        case missingColumn(String, known: [String], nearest: String?)
        case missingValue(String, column: String, nearest: String?)
        case missingFiles([Cell], count: Int)
        case wrongTimes([Cell], count: Int)
    }

    /// A line of the file and how many cells it has.
    public struct Row: Hashable, Sendable {
        /// Counted from 1.
        public let line: Int
        /// How many cells it has.
        public let cells: Int

        package init(line: Int, cells: Int) {
            self.line = line
            self.cells = cells
        }
    }

    /// A line of the file and what stands in a cell there.
    public struct Cell: Hashable, Sendable {
        /// Counted from 1.
        public let line: Int
        /// What stands there.
        public let text: String

        package init(line: Int, text: String) {
            self.line = line
            self.text = text
        }
    }

    /// One sentence and the next step.
    public var description: String { "\(path): \(problem.description)" }
}

extension ManifestError.Problem: CustomStringConvertible {
    /// The problem without its file.
    public var description: String {
        switch self {
        case .unreadable(let reason): "cannot be read (\(reason)); check the path and its permissions"
        case .tooLarge(let bytes, let limit): "has \(bytes) bytes, more than the limit of \(limit); split it"
        case .noHeader: "is empty; a manifest begins with a line of column names"
        case .tooManyColumns(let count, let limit):
            "has \(count) columns, more than the limit of \(limit); check that it is a table"
        case .duplicateColumns(let names):
            "has more than one column called \(names.joined(separator: ", ")); rename all but one"
        case .notUTF8(let line): "line \(line) is not UTF-8; save the file as UTF-8"
        case .openQuote(let line): "the quote that opens on line \(line) is never closed; close it, or double it"
        case .afterQuote(let line):
            "line \(line) goes on behind a closing quote; double the quotes inside quoted cells"
        case .ragged(let rows, let count, let expected):
            Self.listing(rows.map { "line \($0.line) has \($0.cells) cells" }, count)
                + " where the header has \(expected); quote cells that contain the separator"
        case .noRows: "has no rows below its header; there is nothing to read"
        case .emptyCells(let column, let lines, let count):
            "the column \(column) is empty on line " + Self.listing(lines.map(String.init), count)
                + "; fill it in, or take those rows out"
        case .severalPhrases(let label): "\(label) has more than one phrase; keep one, and vary the words by templates"
        case .missingColumn(let name, let known, let nearest):
            "has no column \(name)\(nearest.map { ", did you mean \($0)?" } ?? ";") its columns are "
                + known.prefix(20).joined(separator: ", ") + (known.count > 20 ? " and \(known.count - 20) more" : "")
        case .missingValue(let value, let column, let nearest):
            "no row has \(value) in its column \(column), so it can't be left out"
                + (nearest.map { "; did you mean \($0)?" } ?? "; take it out of rows.except")
        case .missingFiles(let cells, let count):
            "\(count) of its files \(count == 1 ? "is" : "are") not there: "
                + Self.listing(cells.map { "\($0.text.isEmpty ? "an empty cell" : $0.text) (line \($0.line))" }, count)
                + "; paths start from the manifest's folder"
        case .wrongTimes(let cells, let count):
            Self.listing(cells.map { "\($0.text) on line \($0.line)" }, count)
                + " is no part of a recording; give start and end in seconds, start before end, or leave both empty"
        }
    }

    private static func listing(_ shown: [String], _ count: Int) -> String {
        shown.joined(separator: ", ") + (count > shown.count ? " and \(count - shown.count) more" : "")
    }
}
