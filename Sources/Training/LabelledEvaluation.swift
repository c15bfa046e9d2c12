public import BinderyBinding
public import BinderyTensors
public import Foundation

/// Judging an encoder by what a simple classifier on its vectors learns from one manifest and does on another.
public struct LabelledEvaluation: Sendable {
    /// Items and the class of each.
    public struct Part: Sendable {
        /// The items, in the order of the manifest.
        public let items: [Item]
        /// The class of each, by number.
        public let labels: [Int]
    }

    /// Which vectors of a tower are judged.
    public enum Vectors: Sendable {
        /// What the encoder says, before its head.
        case ofEncoder
        /// The unit vectors of the space.
        case inSpace
    }

    /// The vectors of a part, [items, width].
    public typealias Embedded = (vectors: Tensor, labels: [Int])

    /// The classes' names, sorted.
    public let classes: [String]
    /// What is learned from.
    public let train: Part
    /// What settings are chosen on, where they are chosen.
    public let validation: Part?
    /// What is judged.
    public let test: Part
    private let modality: String

    /// Manifests whose `column` names items of `modality` and whose `label` names their class.
    ///
    /// Throws when a column or a file is missing, a manifest has no rows, a row has no label or one that `train` lacks, or
    /// `train` has one class alone.
    public init(
        train: URL, validation: URL? = nil, test: URL, as modality: String, column: String = "path",
        label: String = "label"
    ) throws {
        let table = try Manifest(contentsOf: train).measurable()
        let classes = Set(try table.words(label)).sorted()
        guard classes.count > 1 else { throw TrainingError.oneClass(manifest: train.path, labels: classes) }
        let part = { (table: Manifest) in try Part(table, modality, column, label, classes) }
        self.classes = classes
        self.modality = modality
        self.train = try part(table)
        self.validation = try validation.map { try part(Manifest(contentsOf: $0).measurable()) }
        self.test = try part(Manifest(contentsOf: test).measurable())
    }

    /// How many items are embedded.
    public var count: Int { train.items.count + (validation?.items.count ?? 0) + test.items.count }

    /// Embeds all parts; `progress` gets the number of items done.
    public func embed(
        _ space: JointSpace, _ kind: Vectors = .ofEncoder, progress: (Int) -> Void = { _ in }
    ) throws -> (train: Embedded, validation: Embedded?, test: Embedded) {
        var before = 0
        func vectors(_ part: Part) throws -> Embedded {
            defer { before += part.items.count }
            let show = { progress(before + $0) }
            let vectors =
                switch kind {
                case .ofEncoder: try space.features(part.items, as: modality, progress: show)
                case .inSpace: try space.embed(part.items, as: modality, progress: show)
                }
            return (vectors, part.labels)
        }
        return (try vectors(train), try validation.map(vectors), try vectors(test))
    }
}

extension LabelledEvaluation.Part {
    fileprivate init(
        _ table: Manifest, _ modality: String, _ column: String, _ label: String, _ classes: [String]
    ) throws {
        let numbers = Dictionary(zip(classes, 0...)) { first, _ in first }
        let names = try table.words(label)
        let unknown = Set(names).filter { numbers[$0] == nil }.sorted()
        guard unknown.isEmpty else {
            throw TrainingError.unknownLabels(
                manifest: table.url.path(percentEncoded: false), labels: unknown, known: classes)
        }
        items = try table.items(column, as: modality)
        labels = names.compactMap { numbers[$0] }
    }
}
