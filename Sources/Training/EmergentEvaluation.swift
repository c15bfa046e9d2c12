public import BinderyBinding
public import BinderyEvaluation
import BinderyTensors
public import Foundation

/// What two modalities know of each other that never stood in one batch: every such pair asked for each other, by itself.
///
/// Both were bound to a third (Girdhar and others 2023, section 3.3: "emergent" alignment). The manifest has one column for
/// each modality; items of rows of equal group belong together.
public struct EmergentEvaluation: Sendable {
    /// One direction between two modalities.
    public struct Direction: Sendable {
        /// The modality that asks.
        public let from: String
        /// The modality that is asked for.
        public let to: String
        /// Whether the two were trained together.
        public let isTrained: Bool
        /// What was found.
        public let found: Retrieval

        /// `audio_to_text`.
        public var name: String { "\(from)_to_\(to)" }
    }

    /// The modalities with a column, sorted, and their distinct items.
    public let sides: [RetrievalEvaluation.Side]

    /// The rows of `manifest`: `columns` names the column of each modality, `group` one whose equal values belong together.
    ///
    /// A row without a value in a column counts for the other columns only. Throws when a column or a file is missing, or
    /// there are no rows.
    public init(_ manifest: URL, columns: [String: String], group: String? = nil) throws {
        let table = try Manifest(contentsOf: manifest).measurable()
        let groups = try table.groups(group)
        sides = try columns.sorted { $0.key < $1.key }.map { modality, column in
            let cells = try table[column]
            let filled = cells.indices.filter { !cells[$0].isEmpty }
            let part = try table.keeping(filled).measurable()
            return RetrievalEvaluation.Side(
                modality: modality, try part.items(column, as: modality), filled.map { groups[$0] })
        }
    }

    /// How many items are embedded.
    public var count: Int { sides.reduce(0) { $0 + $1.items.count } }

    /// Embeds every item once and ranks all for each other; `progress` gets the number of items done.
    ///
    /// Pairs that were trained together come last, for comparison. Throws when there is no pair that was not.
    public func callAsFunction(_ space: JointSpace, progress: (Int) -> Void = { _ in }) throws -> [Direction] {
        let trained = Set(space.plan.pairs.map { Set([$0.a, $0.b]) })
        let pairs = sides.indices.flatMap { a in sides.indices.filter { $0 != a }.map { (a, $0) } }
            .map { a, b in (a, b, isTrained: trained.contains([sides[a].modality, sides[b].modality])) }
        guard pairs.contains(where: { !$0.isTrained }) else {
            throw TrainingError.nothingEmergent(sides.map(\.modality))
        }
        var done = 0
        let rows = try sides.map { side in
            defer { done += side.items.count }
            return try space.embed(side.items, as: side.modality) { progress(done + $0) }
        }
        let directions = pairs.map { a, b, isTrained in
            Direction(
                from: sides[a].modality, to: sides[b].modality, isTrained: isTrained,
                found: Retrieval(
                    queries: rows[a], targets: rows[b],
                    relevance: .init(queries: sides[a].groups, targets: sides[b].groups)))
        }
        return directions.filter { !$0.isTrained } + directions.filter(\.isTrained)
    }
}

extension [EmergentEvaluation.Direction] {
    /// The metrics of the pairs that never met, named as those of a retrieval; `trained` holds those of the others.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        let all = { (isTrained: Bool) in
            self.filter { $0.isTrained == isTrained }.reduce(into: Metrics()) { metrics, direction in
                metrics.merge(direction.found.metrics(direction.name, bootstrap)) { first, _ in first }
            }
        }
        var metrics = all(false)
        if contains(where: \.isTrained) { metrics["trained"] = .table(all(true)) }
        return metrics
    }

    /// The page: the pairs that never met first, the others for comparison.
    public func report(_ title: String, origin: Report.Origin, _ bootstrap: Bootstrap = Bootstrap()) -> Report {
        let named = { (isTrained: Bool) in
            self.filter { $0.isTrained == isTrained }.map {
                (name: "\($0.from) asks for \($0.to)", found: $0.found)
            }
        }
        var report = Retrieval.report(title, named(false), origin: origin, bootstrap)
        report.subtitle = "What modalities know of each other that were never trained together, only each with others."
        if contains(where: \.isTrained) {
            report.sections.append(
                Report.Section(
                    "Trained together", note: "The pairs that did meet in training, for comparison.",
                    Retrieval.table(named(true))))
        }
        return report
    }
}
