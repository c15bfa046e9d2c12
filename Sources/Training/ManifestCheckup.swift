public import BinderyBinding
public import BinderyEvaluation
import BinderyLayers
import Foundation

/// Looks for what spoils a data set: files that are missing or cannot be read, silence, duplicates, odd classes.
///
/// Every file is read to its end, each once however many rows name it.
public struct ManifestCheckup: Sendable {
    private let manifest: Manifest
    private let modalities: [Modality]

    /// A check of `manifest`, whose files `modalities` can read.
    public init(_ manifest: Manifest, _ modalities: [Modality]) {
        self.manifest = manifest
        self.modalities = modalities
    }

    /// What is to be said of the table; `progress` gets how many files of how many were read.
    public func findings(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> [Finding] {
        var findings = [
            Finding(
                manifest.count > 0 ? .good : .bad, "table",
                "\(manifest.count) rows of \(manifest.columns.count) columns")
        ]
        findings += repeatedRows()
        for (place, column) in manifest.columns.enumerated() {
            let cells = (0..<manifest.count).map { manifest[$0, place] }
            let modality = modality(of: cells)
            findings +=
                try modality.map { try files(column, cells, $0, progress) } ?? words(column, cells)
        }
        return findings
    }

    /// The modality whose files at least half of the cells name.
    private func modality(of cells: [String]) -> Modality? {
        let given = cells.filter { !$0.isEmpty }
        return modalities.first { modality in
            guard let ends = modality.inspection?.extensions, !ends.isEmpty else { return false }
            let known = given.count { cell in
                let name = cell.prefix { $0 != "#" }.lowercased()
                return ends.contains { name.hasSuffix(".\($0)") }
            }
            return known * 2 >= given.count && known > 0
        }
    }

    private func repeatedRows() -> [Finding] {
        let rows = (0..<manifest.count).map { row in manifest.columns.indices.map { manifest[row, $0] } }
        let twice = Dictionary(grouping: rows.indices) { rows[$0] }.values.filter { $0.count > 1 }
        guard let first = twice.min(by: { $0[0] < $1[0] }) else { return [] }
        let lines = first.prefix(2).map { "\(manifest.line(of: $0))" }.joined(separator: " and ")
        return [Finding(.doubtful, "table", "\(twice.count) rows stand there more than once, first on lines \(lines)")]
    }

    private func words(_ column: String, _ cells: [String]) -> [Finding] {
        let empty = cells.count { $0.isEmpty }
        let counts = Dictionary(cells.map { ($0, 1) }, uniquingKeysWith: +).filter { !$0.key.isEmpty }
        var findings: [Finding] = []
        if empty > 0 { findings.append(Finding(.doubtful, column, "\(empty) of \(cells.count) cells are empty")) }
        if counts.count * 2 <= cells.count, let most = counts.values.max(), let least = counts.values.min() {
            let told = "\(counts.count) different values, \(least) to \(most) rows each"
            findings.append(Finding(most > 20 * least ? .doubtful : .good, column, told))
        } else {
            findings.append(Finding(.good, column, "\(counts.count) different values in \(cells.count) rows"))
        }
        return findings
    }

    /// What one file turned out to be.
    private struct Look: Sendable {
        var facts: [Inspection.Fact: Double] = [:]
        var hash: Fingerprint?
        var complaint: String?
    }

    private func files(
        _ column: String, _ cells: [String], _ modality: Modality, _ progress: (Int, Int) -> Void
    ) throws -> [Finding] {
        let distinct = Array(Set(cells)).sorted()
        guard distinct.contains(where: { manifest.path(of: $0) != nil }) else {
            let sentence =
                "it names \(distinct.count) files, none of which is there; paths start from the table's folder"
            return [Finding(.doubtful, column, sentence)]
        }
        var looks: [String: Look] = [:]
        for begin in stride(from: 0, to: distinct.count, by: 64) {
            let part = Array(distinct[begin..<min(begin + 64, distinct.count)])
            let found = try Preparation.parallel(part.count) { look(at: part[$0], modality) }
            for (cell, look) in zip(part, found) { looks[cell] = look }
            progress(begin + part.count, distinct.count)
        }
        let lines = Dictionary(cells.enumerated().map { ($0.element, manifest.line(of: $0.offset)) }) { first, _ in
            first
        }
        func place(_ cell: String) -> String { "\(cell) (line \(lines[cell] ?? 0))" }
        var findings: [Finding] = []
        let broken = distinct.filter { looks[$0]?.complaint != nil }
        for cell in broken.prefix(5) {
            findings.append(Finding(.bad, column, "line \(lines[cell] ?? 0): \(looks[cell]?.complaint ?? "")"))
        }
        if broken.count > 5 { findings.append(Finding(.bad, column, "and \(broken.count - 5) further files")) }
        let silent = distinct.filter { looks[$0]?.facts[.peak] == 0 }
        if let first = silent.first {
            findings.append(Finding(.doubtful, column, "\(silent.count) files are silent, as \(place(first))"))
        }
        let same = Dictionary(grouping: distinct.filter { looks[$0]?.hash != nil }) { looks[$0]?.hash }.values
            .filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
        if let first = same.first {
            let sentence =
                "\(same.count) files have twins of the same contents, as \(place(first[0])) and \(place(first[1]))"
            findings.append(Finding(.doubtful, column, sentence))
        }
        findings.append(summary(column, distinct.count, distinct.compactMap { looks[$0]?.facts }))
        return findings
    }

    private func look(at cell: String, _ modality: Modality) -> Look {
        guard let path = manifest.path(of: cell) else {
            return Look(complaint: "there is no file \"\(cell.prefix(200))\"; paths start from the table's folder")
        }
        do {
            let item = Item(path.item.map { .row(path.url, $0) } ?? .file(path.url))
            var hash = Fingerprint.Hash()
            try hash.add(contentsOf: path.url)
            return Look(
                facts: try modality.inspection?.facts(item) ?? [:], hash: path.item == nil ? hash.finish() : nil)
        } catch {
            return Look(complaint: "\(error)")
        }
    }

    /// Each fact's range; doubtful where sample rates differ, since low ones lack what high ones have.
    private func summary(_ column: String, _ files: Int, _ facts: [[Inspection.Fact: Double]]) -> Finding {
        let told = Inspection.Fact.allCases.compactMap { fact -> String? in
            let values = facts.compactMap { $0[fact] }.sorted()
            guard let low = values.first, let high = values.last else { return nil }
            let text = { (value: Double) in String(format: "%g", (value * 1000).rounded() / 1000) }
            return fact.rawValue + " " + (low == high ? text(low) : "\(text(low)) to \(text(high))")
        }
        let rates = Set(facts.compactMap { $0[.rate] })
        return Finding(
            rates.count > 1 ? .doubtful : .good, column, (["\(files) files"] + told).joined(separator: ", "))
    }
}
