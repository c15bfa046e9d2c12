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

    @OptionGroup var options: EvaluationOptions
    @Option(help: ArgumentHelp("The table of the reference.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The table of a shifted set; may be repeated.", valueName: "G.csv"))
    var shifted: [String]
    @OptionGroup var prompts: PromptOptions

    func run() throws {
        try options.run("robustness", manifest, with: shifted) { opened in
            let modality = try prompts.modality ?? opened.space.onlyModality(besides: "text")
            let tables = [manifest] + shifted
            let evaluations = try tables.map { try prompts.evaluation($0, as: modality) }
            if let other = evaluations.first(where: { $0.classes != evaluations[0].classes }) {
                throw Refusal(
                    "the sets have different classes, \(evaluations[0].classes.count) and \(other.classes.count); name them with"
                        + " --classes")
            }
            let sets = try zip(tables, evaluations).map { table, evaluation in
                let progress = Progress("embedding \(table)", total: evaluation.items.count)
                return Robustness.Shift(table, try evaluation(opened.space) { progress.show($0) }.ensemble)
            }
            let found = Robustness(reference: sets[0], shifted: Array(sets.dropFirst()))
            return EvaluationOptions.Found(
                metrics: found.metrics(), judged: evaluations.map { ($0.items, modality) },
                page: { found.report("Robustness: \(manifest)", origin: $0) })
        }
    }
}
