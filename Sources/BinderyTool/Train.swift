import ArgumentParser
import Bindery
import Foundation

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains the model that a recipe describes.",
        discussion: """
            Equal recipes, data and seeds give equal bytes. A run that was broken off goes on with --resume as if it had not
            been. The log of every step is DIR/log.jsonl. DIR/outcome.json says whether what was frozen is byte for byte what it
            was, and which items to be judged were also trained on; DIR/items.json lists by content what was trained on.
            What the recipe's `evaluate` asks for is measured at the end and kept in DIR/evaluation.json.
            Example: bindery train recipes/esc10-clap.yaml --set data.root=data/esc10 --out runs/esc10
            """)

    @Argument(help: "The recipe, a YAML file.")
    var recipe: String
    @Option(help: ArgumentHelp("The folder for the model.", valueName: "DIR"))
    var out: String
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Changes a value of the recipe: training.seed=1.", valueName: "a.b=v"))
    var settings: [String] = []
    @Flag(help: "Goes on where a broken run stood.")
    var resume = false
    @Option(
        help: ArgumentHelp("Where vectors of frozen encoders are kept and found by later runs.", valueName: "DIR"))
    var cache: String?
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !out.isEmpty else { throw ValidationError("--out needs the name of a folder.") }
    }

    func run() throws {
        global.apply()
        if let cache, (try? URL(filePath: cache).resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == false {
            throw Refusal("\(cache) is a file; --cache takes a folder")
        }
        let recipe = try Recipe(contentsOf: URL(filePath: recipe), settings: settings)
        let show = TrainingProgress()
        let trainer = try Trainer(
            recipe, modalities: Modalities.all, folder: URL(filePath: out),
            cache: cache.map { AnchorCache(folder: URL(filePath: $0)) },
            report: { show($0) })
        let outcome = try trainer.run(resume: resume)
        for sentence in outcome.sentences { Output.line(sentence) }
        for contact in outcome.contacts {
            if let warning = contact.warning { Output.note("warning: \(contact.manifest): \(warning)") }
        }
        try measure(recipe, trainer.space, outcome)
        Output.line("\(out): \(try trainer.space.fingerprint().short)")
    }

    /// What the recipe asks to measure, on standard output and in the model's folder.
    ///
    /// The model is safe by now, so what cannot be measured is said and no reason to fail.
    private func measure(_ recipe: Recipe, _ space: JointSpace, _ outcome: TrainingOutcome) throws {
        var results: [EvaluationResult] = []
        for measurement in recipe.measurements {
            let start = ContinuousClock.now
            do {
                var progress: Progress?
                let found = try measurement(space) { done, total in
                    if done == 0 { progress = Progress("embedding", total: total) } else { progress?.show(done) }
                }
                var result = EvaluationResult(
                    task: measurement.evaluation.task.rawValue, model: out, manifest: measurement.path ?? "",
                    items: found.items, metrics: found.metrics, seconds: (ContinuousClock.now - start) / .seconds(1))
                result.itemsTrainedOn =
                    outcome.contacts.first {
                        $0.manifest == measurement.path && $0.modality == measurement.evaluation.modality
                    }?.count
                Output.line("\(measurement.title):")
                result.show()
                results.append(result)
            } catch {
                Output.note("warning: \(measurement.title) was not measured: \(error)")
            }
        }
        guard !results.isEmpty else { return }
        try Output.write(
            Output.json(results, pretty: true) + "\n", to: URL(filePath: out).appending(path: "evaluation.json").path)
    }
}

/// Shows the events of a run as progress lines.
private final class TrainingProgress: @unchecked Sendable {
    private var reading: (tower: String, line: Progress)?
    private var steps: Progress?

    func callAsFunction(_ event: Trainer.Event) {
        switch event {
        case .preparing(let tower, let done, let total):
            if reading?.tower != tower { reading = (tower, Progress("reading \(tower)", total: total)) }
            reading?.line.show(done)
        case .step(let step, let total, let epoch, let loss, let floor, let scale, let rate):
            if steps == nil || step == 1 { steps = Progress("training", total: total, unit: "steps") }
            let scale = scale.map { String(format: ", scale %.2f", $0) } ?? ""
            let floor = floor.map { $0 > 0 ? String(format: " (floor %.4f)", $0) : "" } ?? ""
            steps?.show(
                step,
                String(format: "epoch %d, loss %.4f", epoch + 1, loss) + floor + scale
                    + String(format: ", rate %.1e", rate))
        case .saved: break
        }
    }
}
