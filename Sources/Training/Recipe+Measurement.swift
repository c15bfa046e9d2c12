public import BinderyBinding
public import BinderyEvaluation
import BinderyTensors
import Foundation

extension Recipe {
    /// Something that a stage's `evaluate` asks for, with the tables and columns of that stage.
    public struct Measurement: Sendable {
        /// What is measured, and how.
        public let evaluation: Evaluation
        /// The table of what is judged, as written; nil when the recipe names none.
        public let path: String?
        private let data: Data
    }

    /// What the stages ask to measure, each once; where several ask for the same, as the last of them does.
    public var measurements: [Measurement] {
        let all = stages.flatMap { stage in stage.evaluate.map { Measurement($0, stage.data) } }
        return all.enumerated().filter { place, one in
            !all[(place + 1)...].contains { $0.evaluation == one.evaluation && $0.path == one.path }
        }.map(\.element)
    }
}

extension Recipe.Measurement {
    init(_ evaluation: Recipe.Evaluation, _ data: Recipe.Data) {
        self.evaluation = evaluation
        path = evaluation.manifest ?? data.validation
        self.data = data
    }

    /// `zero-shot of audio on val.csv`.
    public var title: String {
        evaluation.task.rawValue + (evaluation.modality.map { " of \($0)" } ?? "") + (path.map { " on \($0)" } ?? "")
    }

    /// The column of a modality's items: the recipe's, or the one that `bindery evaluate` takes.
    func column(of modality: String) -> String { data.columns[modality] ?? "path" }

    /// The table of what is judged; throws when the recipe names none.
    func manifest() throws -> URL {
        guard let path else { throw TrainingError.nothingToJudge(evaluation.task.rawValue) }
        return data.url(path)
    }

    /// Measures a trained space as `bindery evaluate` does; `progress` gets the number of items done, from 0,
    /// and of all.
    ///
    /// Throws when a table, a column or an item is missing, or labels do not fit the classes.
    public func callAsFunction(
        _ space: JointSpace, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> (items: Int, metrics: Metrics) {
        let modality = try evaluation.modality ?? space.onlyModality(besides: "text")
        _ = try space.tower(modality)
        switch evaluation.task {
        case .zeroShot:
            let asked = try ZeroShotEvaluation(
                manifest(), as: modality, column: column(of: modality), label: data.label,
                classes: data.classes.map { data.url($0) }, templates: evaluation.templates)
            progress(0, asked.items.count)
            let found = try asked(space) { progress($0, asked.items.count) }
            return (asked.items.count, found.metrics(templatesGiven: asked.templates != nil))
        case .retrieval:
            let other = evaluation.other ?? "text"
            _ = try space.tower(other)
            let asked = try RetrievalEvaluation(
                manifest(), query: column(of: modality), as: modality, target: column(of: other), with: other,
                group: data.group)
            progress(0, asked.count)
            let found = try asked(space) { progress($0, asked.count) }
            return (asked.count, asked.metrics(found))
        case .linearProbe, .fewShot, .knn:
            let asked = try LabelledEvaluation(
                train: data.manifest, test: manifest(), as: modality, column: column(of: modality), label: data.label)
            progress(0, asked.count)
            let parts = try asked.embed(space) { progress($0, asked.count) }
            return (asked.test.items.count, metrics(parts.train, parts.test, classes: asked.classes.count))
        }
    }

    private func metrics(
        _ train: LabelledEvaluation.Embedded, _ test: LabelledEvaluation.Embedded, classes: Int
    ) -> Metrics {
        switch evaluation.task {
        case .fewShot:
            FewShot(
                features: train.vectors, labels: train.labels, test: test.vectors, testLabels: test.labels,
                classes: classes
            ).metrics
        case .knn:
            Classification(
                scores: NearestNeighbours(
                    examples: train.vectors.l2Normalized(), labels: train.labels, classes: classes
                ).scores(test.vectors.l2Normalized()), labels: test.labels
            ).metrics()
        case .linearProbe, .zeroShot, .retrieval:
            LinearProbe(features: train.vectors, labels: train.labels, classes: classes)
                .classification(test.vectors, labels: test.labels).metrics()
        }
    }
}
