public import BinderyBinding
public import BinderyEvaluation
import BinderyTensors
public import Foundation

/// Judging a model by a manifest whose rows pair items of two columns: each side is asked for the other.
///
/// An item that stands in several rows counts once; everything that stands in a row with it, or in a row of an equal
/// group, belongs to it.
public struct RetrievalEvaluation: Sendable {
    /// One side: a column and what its items are.
    public struct Side: Sendable {
        /// The modality's word.
        public let modality: String
        /// The distinct items, in order of appearance.
        public let items: [Item]
        /// The groups that each item is in, by number.
        let groups: [[Int]]
    }

    /// What asks in the first direction.
    public let a: Side
    /// What is asked for in the first direction.
    public let b: Side
    private let isOneSide: Bool

    /// The rows of `manifest`: `query` and `target` name the columns of items of modalities `a` and `b`, `group` a
    /// column whose equal values belong together.
    ///
    /// When both are the same column, the items are asked for each other, and none is an answer to itself. Throws when
    /// a column or a file is missing, or there are no rows.
    public init(
        _ manifest: URL, query: String, as a: String, target: String, with b: String, group: String? = nil
    ) throws {
        let table = try Manifest(contentsOf: manifest).measurable()
        let rows = try table.groups(group)
        self.a = Side(modality: a, try table.items(query, as: a), rows)
        self.b = Side(modality: b, try table.items(target, as: b), rows)
        isOneSide = query == target && a == b
    }

    /// Embeds both sides and ranks each for the other; `progress` gets the number of items done.
    public func callAsFunction(
        _ space: JointSpace, progress: (Int) -> Void = { _ in }
    ) throws -> (aToB: Retrieval, bToA: Retrieval?) {
        let rows = try space.embed(a.items, as: a.modality, progress: progress)
        guard !isOneSide else {
            return (Retrieval(queries: rows, targets: rows, relevance: .init(among: a.groups)), nil)
        }
        let others = try space.embed(b.items, as: b.modality) { progress(a.items.count + $0) }
        return (
            Retrieval(queries: rows, targets: others, relevance: .init(queries: a.groups, targets: b.groups)),
            Retrieval(queries: others, targets: rows, relevance: .init(queries: b.groups, targets: a.groups))
        )
    }

    /// Both directions' numbers by the names of `names`.
    public func metrics(_ found: (aToB: Retrieval, bToA: Retrieval?)) -> Metrics {
        found.aToB.metrics(names.aToB).merging(found.bToA?.metrics(names.bToA) ?? [:]) { first, _ in first }
    }

    /// How many items are embedded.
    public var count: Int { a.items.count + (isOneSide ? 0 : b.items.count) }

    /// The names of the two directions in metrics: `audio_to_text`, `text_to_audio`.
    ///
    /// Where both sides are of one modality, the names of the columns would be needed to tell them apart; the second
    /// direction is then called `text_from_text`.
    public var names: (aToB: String, bToA: String) {
        let reverse = a.modality == b.modality ? "from" : "to"
        return ("\(a.modality)_to_\(b.modality)", "\(b.modality)_\(reverse)_\(a.modality)")
    }
}

extension Manifest {
    /// A number for every row, equal where the values of `column` are; a row's own without a column.
    func groups(_ column: String?) throws(ManifestError) -> [Int] {
        guard let column else { return Array(0..<count) }
        var numbers: [String: Int] = [:]
        return try self[column].map { value in
            let number = numbers[value] ?? numbers.count
            numbers[value] = number
            return number
        }
    }
}

extension RetrievalEvaluation.Side {
    /// The distinct items of a column whose rows are in the given groups.
    init(modality: String, _ column: [Item], _ rows: [Int]) {
        var places: [Item: Int] = [:]
        var items: [Item] = []
        var groups: [[Int]] = []
        for (item, group) in zip(column, rows) {
            if let place = places[item] {
                if groups[place].last != group { groups[place].append(group) }
            } else {
                places[item] = items.count
                items.append(item)
                groups.append([group])
            }
        }
        self.modality = modality
        self.items = items
        self.groups = groups
    }
}
