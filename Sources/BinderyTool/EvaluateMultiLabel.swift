import ArgumentParser
import Bindery

struct EvaluateMultiLabel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multi-label",
        abstract: "Asks for every class among items that may show several.",
        discussion: """
            Every prompt ranks all items; prints the mean of the classes' average precisions beside what blind ranking would have.
            An empty label shows no class.
            Example: bindery evaluate multi-label models/clap --as audio --manifest fsd50k.csv --separator , --classes classes.csv \
            --template "this is a sound of {}." --report out.html
            """)

    @OptionGroup var options: EvaluationOptions
    @Option(help: ArgumentHelp("The table of items.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("What stands between the labels of an item.", valueName: "C"))
    var separator = ";"
    @OptionGroup var prompts: PromptOptions

    func validate() throws {
        guard separator.count == 1 else { throw ValidationError("--separator must be one character.") }
    }

    func run() throws {
        try options.run("multi-label", manifest, with: prompts.classes.map { [$0] } ?? []) { opened in
            let modality = try prompts.modality ?? opened.space.onlyModality(besides: "text")
            let evaluation = try prompts.evaluation(manifest, as: modality, separator: separator.first ?? ";")
            let progress = Progress("embedding", total: evaluation.items.count)
            let found = try evaluation(opened.space) { progress.show($0) }
            let classes = evaluation.prompts.classes
            return EvaluationOptions.Found(
                metrics: found.metrics(classes), judged: [(evaluation.items, modality)],
                page: { found.report("Multi-label: \(manifest)", classes, origin: $0) })
        }
    }
}
