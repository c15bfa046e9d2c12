public import BinderyBinding
public import BinderyEvaluation
import BinderyTensors
public import Foundation

/// Judging a model by a manifest whose items may show several classes each: every prompt ranks all items.
public struct MultiLabelEvaluation: Sendable {
    /// The items, in the order of the manifest.
    public let items: [Item]
    /// The classes that each item shows.
    public let labels: [[Int]]
    /// The classes and what names them.
    public let prompts: Prompts
    private let modality: String

    /// The rows of `manifest` whose `column` names items of `modality` and whose `label` names their classes, with `separator`
    /// between; an empty cell names none.
    ///
    /// `classes` and `templates` as for `ZeroShotEvaluation`. Throws when a column or a file is missing, or a label is none of
    /// the classes.
    public init(
        _ manifest: URL, as modality: String, column: String = "path", label: String = "label",
        separator: Character = ";", classes: URL? = nil, templates: [String] = []
    ) throws {
        let table = try Manifest(contentsOf: manifest).measurable()
        let names = try table[label].map { cell in
            cell.split(separator: separator).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        guard names.contains(where: { !$0.isEmpty }) else { throw TrainingError.nothingShown(table.url.path, label) }
        let prompts = try Prompts(for: Set(names.joined()), of: manifest, classes: classes, templates: templates)
        labels = names.map { $0.compactMap(prompts.number) }
        items = try table.items(column, as: modality)
        self.prompts = prompts
        self.modality = modality
    }

    /// Embeds the items and the prompts and ranks the items by their cosines; `progress` gets the number of items done.
    public func callAsFunction(_ space: JointSpace, progress: (Int) -> Void = { _ in }) throws -> MultiLabel {
        let named = ZeroShot.ensemble(try prompts.embed(space), prompts.templates?.count ?? 1)
        let rows = try space.embed(items, as: modality, progress: progress)
        return MultiLabel(scores: rows.matmul(transposed: named), labels: labels)
    }
}
