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
            EvaluateNeighbours.self, EvaluateEmergent.self, EvaluateRobustness.self,
        ])
}

struct EvaluateZeroShot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zero-shot",
        abstract: "Names every item of a manifest by the prompt that is nearest.",
        discussion: """
            Accuracies are fractions, each with a bootstrap 95 % interval. With templates, acc1 is that of their ensemble.
            --also adds runs of the same recipe, whose scores are averaged item by item; --against names runs that they are
            compared with. Every difference, of runs and of templates, has an interval that is paired over the items.
            --unseen also says how well classes are named that training left out. --calibration learns on other items from which
            difference of the two highest cosines on an answer is given, so that --accuracy of the answers are right.
            Example: bindery evaluate zero-shot runs/esc10 --as audio --manifest val.csv --classes classes.csv --json out.json
            """)

    @OptionGroup var model: ModelOptions
    @Option(help: ArgumentHelp("The table of items.", valueName: "F.csv"))
    var manifest: String
    @OptionGroup var prompts: PromptOptions
    @Option(help: ArgumentHelp("A further run of the same recipe; may be repeated.", valueName: "MODEL"))
    var also: [String] = []
    @Option(help: ArgumentHelp("A run to compare with; may be repeated.", valueName: "MODEL"))
    var against: [String] = []
    @Option(help: ArgumentHelp("Classes that training left out, with commas.", valueName: "L,L…"))
    var unseen: String?
    @Option(
        help: ArgumentHelp("Other items, on which it is learned when to answer \"none of these\".", valueName: "F.csv"))
    var calibration: String?
    @Option(help: ArgumentHelp("How many answers on those shall be right, from 0 to 1.", valueName: "A"))
    var accuracy = 0.9
    @OptionGroup var output: EvaluationOutput
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard accuracy > 0, accuracy <= 1 else { throw ValidationError("--accuracy must be above 0 and at most 1.") }
    }

    func run() throws {
        global.apply()
        let start = ContinuousClock.now
        let opened = try model.open()
        let modality = try prompts.modality ?? opened.onlyModality(besides: "text")
        let evaluation = try prompts.evaluation(manifest, as: modality)
        let leftOut = try unseen.map { try evaluation.numbers(of: $0.split(separator: ",").map(String.init)) }
        let found = try judge(evaluation, opened, model.model)
        let more = try (also + against).map { name in try judge(evaluation, model.open(name), name) }
        let compared = Comparison([found] + more.prefix(also.count), against: Array(more.dropFirst(also.count)))
        var metrics = found.metrics(templatesGiven: evaluation.templates != nil)
        metrics.merge(compared.metrics.filter { !more.isEmpty || $0.key.hasPrefix("per_template") }) { first, _ in first
        }
        metrics.merge(found.rejection.metrics) { first, _ in first }
        if let leftOut {
            let judged = Unseen(cosines: found.cosines, labels: evaluation.labels, unseen: leftOut)
            metrics.merge(judged.metrics()) { first, _ in first }
        }
        if let calibration {
            let other = try judge(prompts.evaluation(calibration, as: modality), opened, model.model)
            guard let chosen = other.rejection.threshold(accuracy: accuracy) else {
                throw ValidationError("No threshold gives --accuracy \(accuracy) on \(calibration); ask for less.")
            }
            let left = found.rejection.at(threshold: chosen.threshold)
            metrics["threshold"] = .number(chosen.threshold)
            metrics["answered"] = .number(left.coverage)
            metrics["answered_acc1"] = .number(left.accuracy)
            metrics["calibration_answered"] = .number(chosen.coverage)
        }
        let result = EvaluationResult(
            task: "zero-shot", model: model.model, manifest: manifest, items: evaluation.items.count,
            metrics: metrics, seconds: (ContinuousClock.now - start) / .seconds(1))
        try output.write(result, of: model, model.overlaps(evaluation.items, as: modality)) {
            let origin = try EvaluationOutput.origin(model, opened, [manifest] + (prompts.classes.map { [$0] } ?? []))
            var page = found.report(
                "Zero-shot: \(manifest)", items: evaluation.items, as: modality, classes: evaluation.classes,
                origin: origin)
            if !more.isEmpty || found.templates.count > 1 { page.sections.insert(compared.section, at: 0) }
            if let drawn = try attention(found, evaluation, opened.space, modality) { page.sections.append(drawn) }
            return page
        }
    }

    /// Where a Transformer looked in a few pictures, wrong names first; nil where there is nothing to draw.
    private func attention(
        _ found: ZeroShot, _ evaluation: ZeroShotEvaluation, _ space: JointSpace, _ modality: String
    ) throws -> Report.Section? {
        guard ["image", "thermal", "depth"].contains(modality) else { return nil }
        let order = evaluation.items.indices.sorted {
            (found.ensemble.ranks[$1] == 0 ? 0 : 1, $0) < (found.ensemble.ranks[$0] == 0 ? 0 : 1, $1)
        }
        let pictures = try order.prefix(12).compactMap { place -> (caption: String, png: Data)? in
            guard let map = try AttentionMap(space, evaluation.items[place], as: modality) else { return nil }
            let taken = evaluation.classes[found.ensemble.predictions[place]]
            let right = evaluation.classes[evaluation.labels[place]]
            let side = 224
            return (
                taken == right ? right : "\(right), taken for \(taken)",
                Picture(width: side, height: side, pixels: map.drawn(side: side)).png()
            )
        }
        guard !pictures.isEmpty else { return nil }
        return Report.Section(
            "Where it looked",
            note: "Attention rolled out over all layers, from blue to red, over what the network saw; mistakes first.",
            .pictures(pictures))
    }

    private func judge(_ evaluation: ZeroShotEvaluation, _ opened: Model, _ name: String) throws -> ZeroShot {
        let title = also.isEmpty && against.isEmpty ? "embedding" : "embedding with \(name)"
        let progress = Progress(title, total: evaluation.items.count)
        return try evaluation(opened.space) { progress.show($0) }
    }
}
