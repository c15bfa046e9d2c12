public import Foundation

/// Where a cell of a manifest leads: a file, or one item of a file that holds many.
public struct ManifestPath: Hashable, Sendable {
    /// The file.
    public let url: URL
    /// Which item of the file is meant, counted from 0; nil for the file as a whole.
    public let item: Int?
    /// The part that is meant, in seconds; nil for all of it.
    public let range: Range<Double>?
}

extension Manifest {
    /// Where the cells of a column lead, from the top.
    ///
    /// Paths start from the manifest's folder unless they are absolute. `file#17` means item 17 of the file, unless a
    /// file of exactly that name exists. `times` names columns of seconds, start and end, that cut a part out of each
    /// file; where both cells are empty, the whole file is meant. Throws when a column is missing, and, all at once,
    /// when files are not there or parts make no sense.
    public func paths(
        _ column: String, times: (start: String, end: String)? = nil
    ) throws(ManifestError) -> [ManifestPath] {
        let place = try place(of: column)
        let ranges = try times.map { times throws(ManifestError) in try self.ranges(times.start, times.end) }
        var known: [String: URL?] = [:]
        let find = { (path: String) -> URL? in
            if let found = known[path] { return found }
            let url = file(path)
            known[path] = .some(url)
            return url
        }
        var paths: [ManifestPath] = []
        paths.reserveCapacity(count)
        var missing: [ManifestError.Cell] = []
        var missingCount = 0
        for row in 0..<count {
            let cell = self[row, place]
            let (name, item) = Self.split(cell)
            if item != nil, let url = find(cell) {
                paths.append(ManifestPath(url: url, item: nil, range: ranges?[row]))
            } else if let url = find(name) {
                paths.append(ManifestPath(url: url, item: item, range: ranges?[row]))
            } else {
                missingCount += 1
                if missing.count < Self.shown { missing.append(.init(line: line(of: row), text: cell)) }
            }
        }
        guard missingCount == 0 else { throw error(.missingFiles(missing, count: missingCount)) }
        return paths
    }

    /// Where one cell leads; nil when there is no such file.
    func path(of cell: String) -> ManifestPath? {
        let (name, item) = Self.split(cell)
        if item != nil, let url = file(cell) { return ManifestPath(url: url, item: nil, range: nil) }
        return file(name).map { ManifestPath(url: $0, item: item, range: nil) }
    }

    /// `file#17` as `file` and 17; a cell without such an end as it is.
    private static func split(_ cell: String) -> (String, Int?) {
        guard let mark = cell.utf8.lastIndex(of: UInt8(ascii: "#")), mark > cell.startIndex else { return (cell, nil) }
        let digits = cell[cell.index(after: mark)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let item = Int(digits) else { return (cell, nil) }
        return (String(cell[..<mark]), item)
    }

    /// The regular file that `path` names, nil when there is none.
    private func file(_ path: String) -> URL? {
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        let full = path.utf8.first == UInt8(ascii: "/") ? path : folder + path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
            return nil
        }
        return URL(filePath: full, directoryHint: .notDirectory)
    }

    private var folder: String {
        let folder = url.deletingLastPathComponent().path(percentEncoded: false)
        return folder.hasSuffix("/") ? folder : folder + "/"
    }

    /// The part of every row, nil for all of it.
    private func ranges(_ start: String, _ end: String) throws(ManifestError) -> [Range<Double>?] {
        let places = (start: try place(of: start), end: try place(of: end))
        var ranges: [Range<Double>?] = []
        var wrong: [ManifestError.Cell] = []
        var wrongCount = 0
        for row in 0..<count {
            let (from, to) = (self[row, places.start], self[row, places.end])
            if from.isEmpty, to.isEmpty {
                ranges.append(nil)
            } else if let from = Double(from), let to = Double(to), from >= 0, from < to, to <= Self.latestSecond {
                ranges.append(from..<to)
            } else {
                wrongCount += 1
                let text = [from, to].map { $0.isEmpty ? "nothing" : $0 }.joined(separator: " to ")
                if wrong.count < Self.shown { wrong.append(.init(line: line(of: row), text: text)) }
            }
        }
        guard wrongCount == 0 else { throw error(.wrongTimes(wrong, count: wrongCount)) }
        return ranges
    }

    /// Some thirty years: no recording is longer, and every sample position still fits an integer.
    private static let latestSecond = 1e9
}
