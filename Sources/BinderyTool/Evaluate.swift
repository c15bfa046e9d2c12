import ArgumentParser
import Bindery
import Foundation

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how good a model is.",
        discussion: """
            Example: bindery evaluate zero-shot runs/esc10 --as audio --manifest val.csv --classes classes.csv \
            --template "this is a sound of {}."
            """,
        subcommands: [
            EvaluateZeroShot.self, EvaluateRetrieval.self, EvaluateLinearProbe.self, EvaluateFewShot.self,
            EvaluateNeighbours.self, EvaluateEmergent.self,
        ])
}

struct EvaluateZeroShot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zero-shot",
        abstract: "Names every item of a manifest by the prompt that is nearest.",
        discussion: """
            Accuracies are fractions, each with a bootstrap 95 % interval. With templates, acc1 is that of their ensemble.
            Example: bindery evaluate zero-shot runs/esc10 --as audio --manifest val.csv --classes classes.csv --json out.json
            """)

    @OptionGroup var model: ModelOptions
    @Option(name: .customLong("as"), help: ArgumentHelp("What the items are.", valueName: "MODALITY"))
    var modality: String?
    @Option(help: ArgumentHelp("The table of items.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The column that names the items.", valueName: "C"))
    var column = "path"
    @Option(help: ArgumentHelp("The column that names their class.", valueName: "C"))
    var labelColumn = "label"
    @Option(help: ArgumentHelp("A table with columns label and phrase.", valueName: "F.csv"))
    var classes: String?
    @Option(help: ArgumentHelp("A sentence with {} for the phrase; may be repeated.", valueName: "TEXT"))
    var template: [String] = []
    @Option(help: ArgumentHelp("A file with one template per line.", valueName: "F"))
    var templates: String?
    @OptionGroup var output: EvaluationOutput
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard template.allSatisfy({ $0.contains("{}") }) else {
            throw ValidationError("A template needs {} where the phrase goes.")
        }
    }

    func run() throws {
        global.apply()
        let start = ContinuousClock.now
        let templates = try template + (templates.map { try TextFile.lines(of: URL(filePath: $0)) } ?? [])
        let opened = try model.open()
        let modality = try modality ?? opened.onlyModality(besides: "text")
        let evaluation = try ZeroShotEvaluation(
            URL(filePath: manifest), as: modality, column: column,
            label: labelColumn, classes: classes.map { URL(filePath: $0) }, templates: templates)
        let progress = Progress("embedding", total: evaluation.items.count)
        let found = try evaluation(opened.space) { progress.show($0) }
        let result = EvaluationResult(
            task: "zero-shot", model: model.model, manifest: manifest, items: evaluation.items.count,
            metrics: found.metrics(templatesGiven: evaluation.templates != nil),
            seconds: (ContinuousClock.now - start) / .seconds(1))
        try output.write(result, of: model, model.overlaps(evaluation.items, as: modality)) {
            let origin = try EvaluationOutput.origin(model, opened, [manifest] + (classes.map { [$0] } ?? []))
            return found.report(
                "Zero-shot: \(manifest)", items: evaluation.items, as: modality, classes: evaluation.classes,
                origin: origin)
        }
    }
}
