public import BinderyBinding
import BinderyLayers
import Foundation

extension Manifest {
    /// What the cells of a column stand for, from the top: texts for the modality `text`, files for all others.
    ///
    /// Throws when a column is missing, and, all at once, when files are not there or parts make no sense.
    public func items(
        _ column: String, as modality: String, times: (start: String, end: String)? = nil
    ) throws(ManifestError) -> [Item] {
        guard modality != "text" else { return try texts(column).map(Item.text) }
        return try paths(column, times: times).map { path in
            Item(path.item.map { .row(path.url, $0) } ?? .file(path.url), range: path.range)
        }
    }
}

extension Manifest {
    /// The cells of a column that has to be filled in; throws, naming the lines, when some are empty.
    public func words(_ column: String) throws(ManifestError) -> [String] {
        let cells = try self[column]
        let empty = cells.indices.filter { cells[$0].isEmpty }
        guard empty.isEmpty else {
            throw error(.emptyCells(column, lines: empty.prefix(Self.shown).map(line(of:)), count: empty.count))
        }
        return cells
    }
}

extension Manifest {
    /// The manifest with only the rows that `rows` means; throws when a column that it names is missing, or has none of the
    /// values it names: a class that is misspelt would not be left out.
    public func selecting(_ rows: Recipe.Data.Rows) throws(ManifestError) -> Manifest {
        var kept = Array(0..<count)
        for (column, values) in rows.matching.sorted(by: { $0.key < $1.key }) {
            let place = try place(of: column)
            let wanted = Set(values)
            kept.removeAll { !wanted.contains(self[$0, place]) }
        }
        for (column, values) in rows.except.sorted(by: { $0.key < $1.key }) {
            let place = try place(of: column)
            let unwanted = Set(values)
            let known = Set((0..<count).map { self[$0, place] })
            if let unknown = values.first(where: { !known.contains($0) }) {
                throw error(.missingValue(unknown, column: column, nearest: unknown.nearest(in: known.sorted())))
            }
            kept.removeAll { unwanted.contains(self[$0, place]) }
        }
        return keeping(rows.first.map { Array(kept.prefix($0)) } ?? kept)
    }
}

extension Manifest {
    /// The manifest itself; throws when it has no rows.
    func measurable() throws(ManifestError) -> Manifest {
        guard count > 0 else { throw error(.noRows) }
        return self
    }
}
