import ArgumentParser
import Bindery
import Foundation

/// What every evaluation has: a model that is judged, and a place for what is found.
struct EvaluationOptions: ParsableArguments {
    @OptionGroup var model: ModelOptions
    @OptionGroup var output: EvaluationOutput
    @OptionGroup var global: GlobalOptions

    /// What a task found.
    struct Found {
        let metrics: Metrics
        /// What was judged, by modality.
        let judged: [(items: [Item], modality: String)]
        /// What must not be among it, besides what the model was trained on.
        var learned: TrainedItems?
        /// How many items the result counts, where that is not all of `judged`.
        var count: Int?
        let page: (Report.Origin) throws -> Report
    }

    /// Opens the model, lets `judge` measure it on `manifest` and on `others`, and writes what it found.
    func run(
        _ task: String, _ manifest: String, with others: [String] = [], _ judge: (Model) throws -> Found
    ) throws {
        global.apply()
        try output.check()
        let start = ContinuousClock.now
        let opened = try model.open()
        let found = try judge(opened)
        let result = EvaluationResult(
            task: task, model: model.model, manifest: manifest,
            items: found.count ?? found.judged.reduce(0) { $0 + $1.items.count }, metrics: found.metrics,
            seconds: (ContinuousClock.now - start) / .seconds(1))
        var trained = TrainedItems(in: Pulled.url(of: model.model))
        if let learned = found.learned { trained = trained.map { $0.merging(learned) } ?? learned }
        let overlaps = trained.map { trained in
            found.judged.map { Overlap($0.items, as: $0.modality, trained: trained) }
        }
        try output.write(result, of: model, overlaps ?? []) {
            try found.page(EvaluationOutput.origin(model, opened, [manifest] + others))
        }
    }
}
