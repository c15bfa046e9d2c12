import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

extension Recipe.Stage {
    /// The samples that the manifest lists.
    ///
    /// Throws when a column or a file is missing, when the manifest has labels that the classes lack, or a class has no
    /// example although no rows were left out on purpose.
    func samples() throws -> Samples {
        let manifest = try SampleTable(
            contentsOf: data.manifest, data.rows, data.compose, label: data.label,
            RandomSource(seed: training.seed).split("composition"))
        guard manifest.count > 0 else { throw TrainingError.noRows(table: data.manifest.path) }
        var candidates: [String: [[Item]]] = [:]
        for tower in Set(pairs.flatMap { [$0.a, $0.b] }).union(calibrate + recalibrate).sorted() {
            candidates[tower] =
                if let match = data.match[tower] {
                    try matches(match, as: tower, for: manifest)
                } else if let column = data.column(of: tower) {
                    try manifest.items(column, as: tower, times: data.times.map { ($0.start, $0.end) }).map { [$0] }
                } else {
                    try prompts(for: manifest)
                }
        }
        let groups = try data.group.map { try manifest[$0] }
        guard let tower = data.sample else {
            return Samples((0..<manifest.count).map { row in candidates.mapValues { $0[row] } }, groups: groups)
        }
        guard let items = candidates[tower] else { throw TrainingError.noColumn(tower: tower) }
        var order: [[Item]] = []
        var members: [[Item]: [Int]] = [:]
        for row in items.indices {
            if members[items[row]] == nil { order.append(items[row]) }
            members[items[row], default: []].append(row)
        }
        let rows = order.map { item in
            candidates.mapValues { all in (members[item] ?? []).flatMap { all[$0] }.distinct() }
        }
        return Samples(
            rows, groups: groups.map { groups in order.map { item in groups[members[item]?.first ?? 0] } })
    }

    /// For every row the templates filled with the phrase of its label.
    private func prompts(for manifest: SampleTable) throws -> [[Item]] {
        let labels = try manifest.words(data.label)
        var phrases: [String: String] = [:]
        if let classes = data.classes {
            let table = try ClassTable(contentsOf: data.url(classes))
            let known = table.labels
            phrases = Dictionary(zip(known, table.phrases)) { first, _ in first }
            let used = Set(labels)
            let unknown = used.filter { phrases[$0] == nil }.sorted()
            guard unknown.isEmpty else {
                throw TrainingError.unknownLabels(manifest: manifest.url.path, labels: unknown, known: known)
            }
            let empty = known.filter { !used.contains($0) }
            guard empty.isEmpty || data.rows != Recipe.Data.Rows() || data.compose != nil else {
                throw TrainingError.emptyClasses(manifest: manifest.url.path, labels: empty)
            }
        }
        return labels.map { label in
            data.templates.map { .text($0.replacingOccurrences(of: "{}", with: phrases[label] ?? label)) }
        }
    }
}

extension [Item] {
    /// The elements in order, each once.
    fileprivate func distinct() -> [Item] {
        var seen: Set<Item> = []
        return filter { seen.insert($0).inserted }
    }
}
