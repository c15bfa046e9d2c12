import BinderyBinding
import BinderyTensors
import Foundation

/// What a stage reads of a table: some of its rows, or compositions of several of them.
struct SampleTable {
    private let manifest: Manifest
    /// The rows of the manifest that make each row here; nil when they are the same.
    private let parts: [[Int]]?
    private let seconds: Double?

    /// The rows of the manifest at `url` that `rows` means; with a composition, what `random` draws of them, left out
    /// where the values of `label` say so.
    ///
    /// Throws when the table cannot be read, or the composition leaves out everything.
    init(
        contentsOf url: URL, _ rows: Recipe.Data.Rows, _ composition: Recipe.Data.Composition?, label: String,
        _ random: RandomSource
    ) throws {
        manifest = try Manifest(contentsOf: url).measurable().selecting(rows)
        seconds = composition?.seconds
        guard let composition else {
            parts = nil
            return
        }
        let alike = try composition.same.map { [manifest] in try manifest[$0] }
        parts = try composition.drawn(from: manifest[label], alike: alike, random)
        guard parts != nil else { throw TrainingError.nothingComposed(table: url.path) }
    }

    /// The file.
    var url: URL { manifest.url }

    /// How many rows there are.
    var count: Int { parts?.count ?? manifest.count }

    /// The values of a column, those of a composition with spaces between; throws when there is no such column.
    subscript(_ column: String) -> [String] {
        get throws {
            let values = try manifest[column]
            return parts?.map { $0.map { values[$0] }.joined(separator: " ") } ?? values
        }
    }

    /// The same of a column that has to be filled in; throws, naming the lines, when cells are empty.
    func words(_ column: String) throws -> [String] {
        _ = try manifest.words(column)
        return try self[column]
    }

    /// The items of a column; throws when it is missing, or files are.
    func items(_ column: String, as tower: String, times: (start: String, end: String)? = nil) throws -> [Item] {
        guard let parts else { return try manifest.items(column, as: tower, times: times) }
        guard tower != "text" else { return try self[column].map(Item.text) }
        let items = try manifest.items(column, as: tower, times: times)
        return parts.map { Item(.joined($0.map { items[$0] }, seconds: seconds)) }
    }
}

extension Recipe.Data.Composition {
    /// For every sample the rows that make it, of one value of `alike` each; nil when none is found whose label is not left
    /// out.
    fileprivate func drawn(from labels: [String], alike: [String]?, _ random: RandomSource) -> [[Int]]? {
        guard !labels.isEmpty else { return nil }
        var random = random
        let unwanted = Set(except)
        let alike = alike.map { values in (values, rows: Dictionary(grouping: values.indices) { values[$0] }) }
        var samples: [[Int]] = []
        var misses = 0
        while samples.count < count {
            var rows = [random.integer(below: labels.count)]
            let others = alike.flatMap { $0.rows[$0.0[rows[0]]] }
            while rows.count < parts {
                let place = random.integer(below: others?.count ?? labels.count)
                rows.append(others?[place] ?? place)
            }
            if !unwanted.isEmpty, unwanted.contains(rows.map { labels[$0] }.joined(separator: " ")) {
                misses += 1
                guard misses < 1000 * count else { return nil }
            } else {
                samples.append(rows)
            }
        }
        return samples
    }
}
