public import BinderyBinding
public import BinderyEvaluation
public import BinderyTensors
public import Foundation

/// Judging a model by a manifest: every row's item is named by the nearest prompt.
public struct ZeroShotEvaluation: Sendable {
    /// The items, in the order of the manifest.
    public private(set) var items: [Item]
    /// The class of every item.
    public private(set) var labels: [Int]
    /// The classes' names in the manifest.
    public let classes: [String]
    /// What the prompts call the classes.
    public let phrases: [String]
    /// Sentences with `{}` for the phrase; nil when none were given and the phrases stand alone.
    public let templates: [String]?
    private let modality: String

    /// The rows of `manifest` whose `column` names items of `modality` and whose `label` names their class.
    ///
    /// `classes` is a table with the columns `label` and `phrase`; without it the labels in the manifest, sorted, are
    /// classes and phrases both. Throws when a column or a file is missing, or a label is none of the classes.
    public init(
        _ manifest: URL, as modality: String, column: String = "path", label: String = "label", classes: URL? = nil,
        templates: [String] = []
    ) throws {
        let table = try Manifest(contentsOf: manifest).measurable()
        let names = try table[label]
        if let classes {
            let known = try Manifest(contentsOf: classes)
            self.classes = try known["label"]
            phrases = try known["phrase"]
        } else {
            self.classes = Set(names).sorted()
            phrases = self.classes
        }
        let numbers = Dictionary(zip(self.classes, 0...)) { first, _ in first }
        let unknown = Set(names).filter { numbers[$0] == nil }.sorted()
        guard unknown.isEmpty else {
            throw TrainingError.unknownLabels(manifest: manifest.path, labels: unknown, known: self.classes)
        }
        labels = names.compactMap { numbers[$0] }
        items = try table.items(column, as: modality)
        self.templates = templates.isEmpty ? nil : templates
        self.modality = modality
    }

    /// The numbers of classes by their names; throws when one is none of the classes, or when one or the rest have no items.
    public func numbers(of names: [String]) throws -> [Int] {
        let unknown = names.filter { !classes.contains($0) }
        guard unknown.isEmpty else { throw TrainingError.unknownClasses(unknown, known: classes) }
        let numbers = Set(names.compactMap { classes.firstIndex(of: $0) })
        let present = Set(labels)
        guard present.isSuperset(of: numbers), !present.isSubset(of: numbers) else {
            throw TrainingError.nothingUnseen(names)
        }
        return numbers.sorted()
    }

    /// Embeds the items and the prompts and compares them; `progress` gets the number of items done.
    public func callAsFunction(_ space: JointSpace, progress: (Int) -> Void = { _ in }) throws -> ZeroShot {
        let templates = templates ?? ["{}"]
        let prompts = try embed(phrases, space)
        let rows = try space.embed(items, as: modality, progress: progress)
        return ZeroShot(items: rows, prompts: prompts, templates: templates, labels: labels)
    }

    /// The cosines of judged items with other phrases in the same templates, [items, phrases].
    public func cosines(_ found: ZeroShot, with phrases: [String], _ space: JointSpace) throws -> Tensor {
        found.cosines(with: try embed(phrases, space))
    }

    private func embed(_ phrases: [String], _ space: JointSpace) throws -> Tensor {
        try space.embed(ZeroShot.prompts(templates ?? ["{}"], phrases).map { .text($0) }, as: "text")
    }

    /// The same without the items of some classes, which may still be named.
    public func leavingOut(_ classes: [Int]) -> ZeroShotEvaluation {
        var rest = self
        let kept = labels.indices.filter { !classes.contains(labels[$0]) }
        rest.items = kept.map { items[$0] }
        rest.labels = kept.map { labels[$0] }
        return rest
    }
}
