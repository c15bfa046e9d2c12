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
    /// Throws when a column or a file is missing, or a label is none of the classes.
    init(for labels: Set<String>, of manifest: URL, classes: URL?, templates: [String]) throws {
        if let classes {
            let known = try Manifest(contentsOf: classes)
            self.classes = try known["label"]
            phrases = try known["phrase"]
        } else {
            self.classes = labels.sorted()
            phrases = self.classes
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
