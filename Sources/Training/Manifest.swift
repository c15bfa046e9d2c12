public import Foundation

import BinderyLayers

/// A table of samples: a CSV file whose first line names the columns.
///
/// Commas, tabs or semicolons separate cells, whichever the header uses (RFC 4180 quoting, any line end, UTF-8). Blanks round
/// a cell without quotes count in texts alone. Paths in it start from the folder of the file.
public struct Manifest: Sendable {
    /// The file.
    public let url: URL
    /// The names of the columns, from the left.
    public let columns: [String]
    /// How many rows there are below the header.
    public let count: Int

    private let bytes: [UInt8]
    private let ends: [Int]
    private let quoted: [Bool]
    private let lines: [Int]

    /// The largest file that is read: far above any list of files that fits a disk, below what fills the memory.
    public static let sizeLimit = 1 << 30
    private static let columnLimit = 4096
    /// How many places an error names before it only counts.
    static let shown = 5

    /// Reads `url` whole; throws when it is not a table whose rows all have the header's cells.
    public init(contentsOf url: URL) throws(ManifestError) {
        let path = url.path(percentEncoded: false)
        let size: Int
        let data: Data
        do {
            let values = try url.resourceValues(forKeys: [.fileSizeKey, .isDirectoryKey])
            guard values.isDirectory != true else { throw CocoaError(.fileReadUnknown) }
            size = values.fileSize ?? 0
            data = size <= Self.sizeLimit ? try Data(contentsOf: url, options: .mappedIfSafe) : Data()
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw ManifestError(path: path, problem: .unreadable(isThere ? "not a readable file" : "no such file"))
        }
        guard size <= Self.sizeLimit else {
            throw ManifestError(path: path, problem: .tooLarge(bytes: size, limit: Self.sizeLimit))
        }
        try self.init(Array(data), at: url)
    }

    /// Reads a table in memory as if it were the contents of `url`.
    public init(_ bytes: [UInt8], at url: URL) throws(ManifestError) {
        let path = url.path(percentEncoded: false)
        do throws(ManifestError.Problem) {
            if let line = Self.firstInvalid(bytes) { throw .notUTF8(line: line) }
            let table = try bytes.withUnsafeBufferPointer { bytes throws(ManifestError.Problem) in
                try CSVReader(bytes)
            }
            guard !table.firsts.isEmpty else { throw .noHeader }
            let width = table.firsts.count > 1 ? table.firsts[1] : table.ends.count
            guard width <= Self.columnLimit else { throw .tooManyColumns(width, limit: Self.columnLimit) }
            try Self.checkWidths(table, width)
            self.url = url
            count = table.firsts.count - 1
            self.bytes = table.bytes
            ends = table.ends
            lines = table.lines
            quoted = table.quoted
            columns = (0..<width).map { index in
                let name = Self.cell(index, table.bytes, table.ends)
                return table.quoted[index] ? name : name.trimmingCharacters(in: .whitespaces)
            }
            let twice = Dictionary(grouping: columns) { $0 }.filter { $1.count > 1 && !$0.isEmpty }
            guard twice.isEmpty else { throw .duplicateColumns(twice.keys.sorted()) }
        } catch { throw ManifestError(path: path, problem: error) }
    }

    private static func checkWidths(_ table: CSVReader, _ width: Int) throws(ManifestError.Problem) {
        var ragged: [ManifestError.Row] = []
        var count = 0
        for record in table.firsts.indices {
            let end = record + 1 < table.firsts.count ? table.firsts[record + 1] : table.ends.count
            let cells = end - table.firsts[record]
            guard cells != width else { continue }
            count += 1
            if ragged.count < shown { ragged.append(.init(line: table.lines[record], cells: cells)) }
        }
        guard count == 0 else { throw .ragged(rows: ragged, count: count, expected: width) }
    }

    /// The first line that is not UTF-8; a line feed is never part of another character.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
    }

    private static func cell(_ index: Int, _ bytes: [UInt8], _ ends: [Int]) -> String {
        String(decoding: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
    }
}

extension Manifest {
    /// The cells of a column from the top, without blanks round them; throws, naming the columns that exist, when there is no such column.
    public subscript(_ column: String) -> [String] {
        get throws(ManifestError) {
            let place = try place(of: column)
            return (0..<count).map { self[$0, place] }
        }
    }

    /// The cells of a column from the top with every blank; throws, naming the columns that exist, when there is no such
    /// column.
    public func texts(_ column: String) throws(ManifestError) -> [String] {
        let place = try place(of: column)
        return (0..<count).map { Self.cell(($0 + 1) * columns.count + place, bytes, ends) }
    }

    /// The cell in row `row`, counted from 0 below the header, and the column at `place`, counted from 0, without blanks round
    /// it unless it stands in quotes.
    public subscript(_ row: Int, _ place: Int) -> String {
        precondition((0..<count).contains(row) && columns.indices.contains(place), "no cell \(row), \(place)")
        let index = (row + 1) * columns.count + place
        let cell = Self.cell(index, bytes, ends)
        return quoted[index] ? cell : cell.trimmingCharacters(in: .whitespaces)
    }

    /// The given rows alone, in the given order.
    func keeping(_ rows: [Int]) -> Manifest {
        precondition(rows.allSatisfy((0..<count).contains), "Manifest: rows of \(count)")
        return Manifest(self, rows: rows)
    }

    private init(_ whole: Manifest, rows: [Int]) {
        url = whole.url
        columns = whole.columns
        count = rows.count
        var bytes: [UInt8] = []
        var (ends, quoted): ([Int], [Bool]) = ([], [])
        for record in [-1] + rows {
            for cell in (record + 1) * columns.count..<(record + 2) * columns.count {
                bytes.append(contentsOf: whole.bytes[(cell == 0 ? 0 : whole.ends[cell - 1])..<whole.ends[cell]])
                ends.append(bytes.count)
                quoted.append(whole.quoted[cell])
            }
        }
        self.bytes = bytes
        self.ends = ends
        self.quoted = quoted
        lines = [whole.lines[0]] + rows.map(whole.line(of:))
    }

    /// The line of the file on which a row begins, counted from 1.
    public func line(of row: Int) -> Int { lines[row + 1] }

    /// Where a column stands, counted from 0; throws, naming the columns that exist, when there is no such column.
    public func place(of column: String) throws(ManifestError) -> Int {
        if let place = columns.firstIndex(of: column) { return place }
        throw error(.missingColumn(column, known: columns, nearest: column.nearest(in: columns)))
    }

    func error(_ problem: ManifestError.Problem) -> ManifestError {
        ManifestError(path: url.path(percentEncoded: false), problem: problem)
    }
}
