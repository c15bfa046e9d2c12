import BinderyBinding
import BinderyEvaluation
import BinderyTensors
import Foundation

/// The classes of a manifest and the sentences that name them.
public struct Prompts: Sendable {
    /// The classes' names in the manifest.
    public let classes: [String]
    /// What the prompts call the classes.
    public let phrases: [String]
    /// Sentences with `{}` for the phrase; nil when none were given and the phrases stand alone.
    public let templates: [String]?
    private let numbers: [String: Int]

    /// Prompts for the labels of `manifest`; `classes` is a table with the columns `label` and `phrase`, and without it the
    /// labels, sorted, are classes and phrases both.
    ///
    /// Throws when a column or a file is missing, a label is none of the classes, labels differ by case alone where no table
    /// says that this is meant, or there are fewer than two classes.
    init(for labels: Set<String>, of manifest: URL, classes: URL?, templates: [String]) throws {
        if let classes {
            let known = try ClassTable(contentsOf: classes)
            self.classes = known.labels
            phrases = known.phrases
        } else {
            self.classes = labels.sorted()
            phrases = self.classes
            let alike = Dictionary(grouping: self.classes) { $0.lowercased() }.values.filter { $0.count > 1 }
            guard alike.isEmpty else {
                throw TrainingError.alikeLabels(
                    manifest: manifest.path, labels: alike.map { $0 }.min { $0[0] < $1[0] } ?? [])
            }
        }
        guard self.classes.count > 1 else {
            throw TrainingError.oneClass(manifest: manifest.path, labels: self.classes)
        }
        self.templates = templates.isEmpty ? nil : templates
        numbers = Dictionary(zip(self.classes, 0...)) { first, _ in first }
        let unknown = labels.filter { numbers[$0] == nil }.sorted()
        guard unknown.isEmpty else {
            throw TrainingError.unknownLabels(manifest: manifest.path, labels: unknown, known: self.classes)
        }
    }

    /// The number of a class; nil when it is none.
    func number(of label: String) -> Int? { numbers[label] }

    /// The unit vectors of the phrases, or of others, in every template, all of the first template first.
    func embed(_ space: JointSpace, _ phrases: [String]? = nil) throws -> Tensor {
        try space.embed(
            ZeroShot.prompts(templates ?? ["{}"], phrases ?? self.phrases).map { .text($0) }, as: "text")
    }
}
