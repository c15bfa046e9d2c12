import BinderyBinding
import BinderyTensors
import Foundation

extension Recipe.Stage {
    /// For every row of the manifest the items of another table that stand beside it, drawn once from the seed.
    ///
    /// Throws when a column is missing, or when nothing in the table fits some row.
    func matches(_ match: Recipe.Data.Match, as tower: String, for manifest: SampleTable) throws -> [[Item]] {
        var random = RandomSource(seed: training.seed).split("match.\(tower)")
        let table = try SampleTable(
            contentsOf: data.url(match.table), match.rows, match.compose, label: match.on, random.split("composition"))
        let items = try table.items(match.column, as: tower)
        let values = try table[match.on]
        let places = Dictionary(grouping: items.indices) { values[$0] }
        let wanted = try manifest[match.on].map { match.through[$0] ?? $0 }
        let unknown = Set(wanted).filter { places[$0] == nil }.sorted()
        guard match.shuffled || unknown.isEmpty else {
            throw TrainingError.unmatched(table: table.url.path, column: match.on, values: unknown)
        }
        guard !items.isEmpty else { throw TrainingError.unmatched(table: table.url.path, column: match.on, values: []) }
        return wanted.map { value in
            let fitting = match.shuffled ? Array(items.indices) : places[value] ?? []
            return (0..<match.count).map { _ in items[fitting[random.integer(below: fitting.count)]] }
        }
    }
}
