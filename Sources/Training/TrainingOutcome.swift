import BinderyBinding
public import Foundation

/// What a finished run says of itself, kept as `outcome.json` beside the model.
public struct TrainingOutcome: Codable, Sendable {
    /// Items of a table for evaluation that the run was trained on.
    public struct Contact: Codable, Sendable {
        /// The table.
        public let manifest: String
        /// The tower.
        public let modality: String
        /// How many items the table has.
        public let judged: Int
        /// How many of them were also trained on.
        public let count: Int
        /// Which.
        public let items: [String]
        /// One sentence for people; nil when there are none.
        public let warning: String?
    }

    /// What every stage left alone, compared with what it started from.
    public let anchors: [AnchorDrift]
    /// The recipe's tables for evaluation, compared with what was trained on.
    public let contacts: [Contact]

    /// One sentence for each tower that a stage left alone.
    public var sentences: [String] {
        anchors.map { anchor in
            let place = anchor.stage.map { " in \($0)" } ?? ""
            let what = anchor.includesHead ? anchor.tower : "\(anchor.tower)'s encoder"
            let compared =
                "\(anchor.numbers) numbers" + (anchor.items > 0 ? " and the vectors of \(anchor.items) items" : "")
            return anchor.isStill
                ? "\(what) did not move\(place): \(compared) are byte for byte what they were"
                : "\(what) moved\(place) although it was frozen: vectors by up to \(anchor.moved), \(compared) compared"
        }
    }

    private static let name = "outcome.json"

    init(anchors: [AnchorDrift], contacts: [Contact]) {
        self.anchors = anchors
        self.contacts = contacts
    }

    /// What the run that left the model in `folder` said; nil when there is nothing of it.
    public init?(in folder: URL) {
        guard let data = try? Data(contentsOf: folder.appending(path: Self.name)),
            let outcome = try? JSONDecoder().decode(TrainingOutcome.self, from: data)
        else { return nil }
        self = outcome
    }

    func write(to folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: folder.appending(path: Self.name), options: .atomic)
    }
}

extension Recipe {
    /// The tables that `evaluate` names, compared with what was trained on; tables that are not there are left out.
    func contacts(_ trained: TrainedItems) -> [TrainingOutcome.Contact] {
        measurements.compactMap { measurement in
            guard let modality = measurement.evaluation.modality, let path = measurement.path,
                let table = try? Manifest(contentsOf: measurement.manifest()),
                let items = try? table.items(measurement.column(of: modality), as: modality)
            else { return nil }
            let overlap = Overlap(items, as: modality, trained: trained)
            return TrainingOutcome.Contact(
                manifest: path, modality: modality, judged: overlap.judged, count: overlap.items.count,
                items: overlap.items.map(\.name), warning: overlap.warning)
        }
    }
}
