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
    /// The classes and what names them.
    public let prompts: Prompts
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
        let names = try table.words(label)
        items = try table.items(column, as: modality)
        let prompts = try Prompts(for: Set(names), of: manifest, classes: classes, templates: templates)
        labels = names.compactMap(prompts.number)
        self.prompts = prompts
        self.modality = modality
    }

    /// The classes' names in the manifest.
    public var classes: [String] { prompts.classes }
    /// What the prompts call the classes.
    public var phrases: [String] { prompts.phrases }
    /// Sentences with `{}` for the phrase; nil when none were given and the phrases stand alone.
    public var templates: [String]? { prompts.templates }

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
        let named = try prompts.embed(space)
        let rows = try space.embed(items, as: modality, progress: progress)
        return ZeroShot(items: rows, prompts: named, templates: templates ?? ["{}"], labels: labels)
    }

    /// The cosines of judged items with other phrases in the same templates, [items, phrases].
    public func cosines(_ found: ZeroShot, with phrases: [String], _ space: JointSpace) throws -> Tensor {
        found.cosines(with: try prompts.embed(space, phrases))
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
