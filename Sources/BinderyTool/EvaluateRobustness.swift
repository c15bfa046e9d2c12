import ArgumentParser
import Bindery
import Foundation

struct EvaluateRobustness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "robustness",
        abstract: "Names items of shifted sets beside those of a reference.",
        discussion: """
            Prints the accuracy on each set and how far each shifted one is from the reference, with its 95 % interval.
            Example: bindery evaluate robustness models/clip --as image --manifest photos.csv --shifted sketches.csv \
            --shifted night.csv --classes classes.csv --template "a photo of {}" --report out.html
            """)

    @OptionGroup var model: ModelOptions
    @Option(help: ArgumentHelp("The table of the reference.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The table of a shifted set; may be repeated.", valueName: "G.csv"))
    var shifted: [String]
    @OptionGroup var prompts: PromptOptions
    @OptionGroup var output: EvaluationOutput
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let start = ContinuousClock.now
        let opened = try model.open()
        let modality = try prompts.modality ?? opened.onlyModality(besides: "text")
        let tables = [manifest] + shifted
        let evaluations = try tables.map { try prompts.evaluation($0, as: modality) }
        if let other = evaluations.first(where: { $0.classes != evaluations[0].classes }) {
            throw ValidationError(
                "The sets have different classes, \(evaluations[0].classes.count) and \(other.classes.count); name them with --classes."
            )
        }
        let sets = try zip(tables, evaluations).map { table, evaluation in
            let progress = Progress("embedding \(table)", total: evaluation.items.count)
            return Robustness.Shift(table, try evaluation(opened.space) { progress.show($0) }.ensemble)
        }
        let found = Robustness(reference: sets[0], shifted: Array(sets.dropFirst()))
        let result = EvaluationResult(
            task: "robustness", model: model.model, manifest: manifest,
            items: evaluations.reduce(0) { $0 + $1.items.count }, metrics: found.metrics(),
            seconds: (ContinuousClock.now - start) / .seconds(1))
        let overlaps = evaluations.flatMap { model.overlaps($0.items, as: modality) }
        try output.write(result, of: model, overlaps) {
            found.report("Robustness: \(manifest)", origin: try EvaluationOutput.origin(model, opened, tables))
        }
    }
}
