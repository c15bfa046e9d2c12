import BinderyBinding
import BinderyLayers
import Foundation

extension Recipe.Stage {
    /// The samples that the manifest lists.
    ///
    /// Throws when a column or a file is missing, when the manifest has labels that the classes lack, or a class has no
    /// example although no rows were left out on purpose.
    func samples() throws -> Samples {
        let manifest = try Manifest(contentsOf: data.manifest)
        var candidates: [String: [[Item]]] = [:]
        for tower in Set(pairs.flatMap { [$0.a, $0.b] }).union(calibrate).sorted() {
            candidates[tower] =
                if let column = data.column(of: tower) {
                    try manifest.items(column, as: tower, times: data.times.map { ($0.start, $0.end) }).map { [$0] }
                } else {
                    try prompts(for: manifest)
                }
        }
        let groups = try data.group.map { try manifest.cells($0) }
        let kept = try rows(of: manifest)
        guard let tower = data.sample else {
            let rows = kept.map { row in candidates.mapValues { $0[row] } }
            return Samples(rows, groups: groups.map { groups in kept.map { groups[$0] } })
        }
        guard let items = candidates[tower] else { throw TrainingError.noColumn(tower: tower) }
        var order: [[Item]] = []
        var members: [[Item]: [Int]] = [:]
        for row in kept {
            if members[items[row]] == nil { order.append(items[row]) }
            members[items[row], default: []].append(row)
        }
        let rows = order.map { item in
            candidates.mapValues { all in (members[item] ?? []).flatMap { all[$0] }.distinct() }
        }
        return Samples(
            rows, groups: groups.map { groups in order.map { item in groups[members[item]?.first ?? 0] } })
    }

    /// The rows of the manifest that the recipe wants, from the top.
    private func rows(of manifest: Manifest) throws -> [Int] {
        var rows = Array(0..<manifest.count)
        for (column, values) in data.rows.matching {
            let cells = try manifest.cells(column)
            rows = rows.filter { values.contains(cells[$0]) }
        }
        for (column, values) in data.rows.except {
            let cells = try manifest.cells(column)
            rows = rows.filter { !values.contains(cells[$0]) }
        }
        return Array(rows.prefix(data.rows.first ?? rows.count))
    }

    /// For every row the templates filled with the phrase of its label.
    private func prompts(for manifest: Manifest) throws -> [[Item]] {
        let labels = try manifest.cells(data.label)
        var phrases: [String: String] = [:]
        if let classes = data.classes {
            let table = try Manifest(contentsOf: data.url(classes))
            let known = try table.cells("label")
            phrases = Dictionary(zip(known, try table.cells("phrase"))) { first, _ in first }
            let used = Set(labels)
            let unknown = used.filter { phrases[$0] == nil }.sorted()
            guard unknown.isEmpty else {
                throw TrainingError.unknownLabels(manifest: manifest.url.path, labels: unknown, known: known)
            }
            let empty = known.filter { !used.contains($0) }
            guard empty.isEmpty || data.rows != Recipe.Data.Rows() else {
                throw TrainingError.emptyClasses(manifest: manifest.url.path, labels: empty)
            }
        }
        return labels.map { label in
            data.templates.map { .text($0.replacingOccurrences(of: "{}", with: phrases[label] ?? label)) }
        }
    }
}

extension Manifest {
    /// The cells of a column from the top; throws, naming the columns there are, when it is missing.
    public func cells(_ column: String) throws(ManifestError) -> [String] {
        let place = try place(of: column)
        return (0..<count).map { self[$0, place] }
    }

    /// The items that a column names: texts as they stand, files and rows of files for every other modality.
    public func items(
        _ column: String, as modality: String, times: (start: String, end: String)? = nil
    ) throws(ManifestError) -> [Item] {
        if modality == "text" { return try cells(column).map { .text($0) } }
        return try paths(column, times: times).map { path in
            Item(path.item.map { .row(path.url, $0) } ?? .file(path.url), range: path.range)
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
