import ArgumentParser
import Bindery
import Foundation

struct EvaluateZeroShot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zero-shot",
        abstract: "Names every item of a manifest by the prompt that is nearest.",
        discussion: """
            Accuracies are fractions, each with a bootstrap 95 % interval. With templates, acc1 is that of their ensemble.
            --also adds runs of the same recipe, whose scores are averaged item by item, those of --unseen too; --against names
            runs that they are compared with. Every difference, of runs and of templates, has an interval that is paired over the items.
            --unseen also says how well classes are named that training left out; with --unrelated, a file with one phrase per
            line, whether their prompts find their items better than phrases that have nothing to do with them. --calibration
            learns on other items from which difference of the two highest cosines on an answer is given, so that --accuracy
            of the answers are right; with --unseen, of items of the other classes alone, and also by how much unseen classes
            are to be raised so that --cost of those items are lost to them.
            Example: bindery evaluate zero-shot runs/esc10 --as audio --manifest val.csv --classes classes.csv --json out.json
            """)

    @OptionGroup var options: EvaluationOptions
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
        help: ArgumentHelp("Phrases that mean none of the items, beside those of --unseen.", valueName: "F"))
    var unrelated: String?
    @Option(
        help: ArgumentHelp("Other items, on which it is learned when to answer \"none of these\".", valueName: "F.csv"))
    var calibration: String?
    @Option(help: ArgumentHelp("How many answers on those shall be right, from 0 to 1.", valueName: "A"))
    var accuracy = 0.9
    @Option(help: ArgumentHelp("How many of those may be lost to classes of --unseen, from 0 to 1.", valueName: "C"))
    var cost = 0.05

    func validate() throws {
        guard accuracy > 0, accuracy <= 1 else { throw ValidationError("--accuracy must be above 0 and at most 1.") }
        guard (0...1).contains(cost) else { throw ValidationError("--cost must be from 0 to 1.") }
        guard unrelated == nil || unseen != nil else { throw ValidationError("--unrelated needs --unseen.") }
        guard unseen == nil || unseenNames.contains(where: { !$0.isEmpty }) else {
            throw ValidationError("--unseen needs the names of classes, as in --unseen dog,rain.")
        }
    }

    func run() throws {
        let tables = [prompts.classes, unrelated, calibration].compactMap(\.self)
        try options.run("zero-shot", manifest, with: tables) { opened in
            let modality = try prompts.modality ?? opened.space.onlyModality(besides: "text")
            let evaluation = try prompts.evaluation(manifest, as: modality)
            let unseen = try unseen.map { _ in try evaluation.numbers(of: unseenNames) }
            let phrases = try unrelated.map { try TextFile.lines(of: URL(filePath: $0)) }
            let learning = try calibration.map { table in
                let learning = try prompts.evaluation(table, as: modality).leavingOut(unseen ?? [])
                guard !learning.items.isEmpty else {
                    throw Refusal("\(table) has no items of classes that are not --unseen; add some")
                }
                return learning
            }
            let runs = try ([options.model.model] + also).enumerated().map { place, name in
                let model = place == 0 ? opened : try open(name, for: modality)
                let found = try judge(evaluation, model, name)
                return Run(
                    found: found, learned: try learning.map { try judge($0, model, name) },
                    unrelated: try phrases.map { try evaluation.cosines(found, with: $0, model.space) })
            }
            let others = try against.map { name in try judge(evaluation, open(name, for: modality), name) }
            let found = runs[0].found
            let compared = Comparison(runs.map(\.found), against: others)
            var metrics = found.metrics(templatesGiven: evaluation.templates != nil)
            func add(_ others: Metrics) { metrics.merge(others) { first, _ in first } }
            let isAlone = runs.count == 1 && others.isEmpty
            add(compared.metrics.filter { !isAlone || $0.key.hasPrefix("per_template") })
            add(found.rejection.metrics)
            if learning != nil { add(try withholding(runs)) }
            let leftOut = unseen.map { unseen in
                LeftOut(
                    meanOf: runs.map { run in
                        LeftOut(
                            run.found, evaluation.classes, unseen: unseen, unrelated: run.unrelated,
                            raisedBy: run.learned.map { Unseen.raise($0.cosines, unseen: unseen, cost: cost) })
                    })
            }
            leftOut.map { add($0.metrics()) }
            return EvaluationOptions.Found(
                metrics: metrics, judged: [(evaluation.items, modality)],
                page: { origin in
                    var page = found.report(
                        "Zero-shot: \(manifest)", items: evaluation.items, as: modality, classes: evaluation.classes,
                        origin: origin)
                    page.sections += leftOut?.sections() ?? []
                    if !isAlone || found.templates.count > 1 { page.sections.insert(compared.section, at: 0) }
                    if let drawn = try attention(found, evaluation, opened.space, modality) {
                        page.sections.append(drawn)
                    }
                    return page
                })
        }
    }

    /// A run that is judged: what it says of the items, of those it learns a threshold on, and of unrelated phrases.
    private struct Run {
        let found: ZeroShot
        let learned: ZeroShot?
        let unrelated: Tensor?
    }

    private var unseenNames: [String] {
        (unseen ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// A further model; throws when it cannot embed what is judged.
    private func open(_ name: String, for modality: String) throws -> Model {
        let model = try options.model.open(name)
        for needed in [modality, "text"] where !model.space.plan.towers.keys.contains(needed) {
            throw Refusal("\(name) has no tower for \(needed), so it cannot be compared; name another model")
        }
        return model
    }

    /// What is left of each run at the threshold that it learned, averaged.
    private func withholding(_ runs: [Run]) throws -> Metrics {
        let rejections = runs.compactMap { run in
            run.learned.map { (learned: $0.rejection, judged: run.found.rejection) }
        }
        guard let left = Rejection.withholding(rejections, accuracy: accuracy) else {
            throw Refusal("no threshold gives --accuracy \(accuracy) on \(calibration ?? ""); ask for less")
        }
        return left
    }

    /// Where a Transformer looked in a few pictures, wrong names first; nil where there is nothing to draw.
    private func attention(
        _ found: ZeroShot, _ evaluation: ZeroShotEvaluation, _ space: JointSpace, _ modality: String
    ) throws -> Report.Section? {
        guard ["image", "thermal", "depth"].contains(modality) else { return nil }
        let order = evaluation.items.indices.sorted {
            (found.ensemble.ranks[$1] == 0 ? 0 : 1, $0) < (found.ensemble.ranks[$0] == 0 ? 0 : 1, $1)
        }
        var hasWindows = false
        let pictures = try order.prefix(12).compactMap { place -> (caption: String, png: Data)? in
            let (clip, seen) = try space.attention(evaluation.items[place], as: modality)
            hasWindows = hasWindows || seen.hasWindows
            guard let map = AttentionMap(clip, seen) else { return nil }
            let taken = evaluation.classes[found.ensemble.predictions[place]]
            let right = evaluation.classes[evaluation.labels[place]]
            let side = 224
            return (
                taken == right ? right : "\(right), taken for \(taken)",
                Picture(width: side, height: side, pixels: map.drawn(side: side)).png()
            )
        }
        let title = "Where it looked"
        guard !pictures.isEmpty else {
            let reason =
                "This encoder attends within windows and merges patches between them; rolling attention out is defined for "
                + "attention over all patches alone, so nothing is drawn."
            return hasWindows ? Report.Section(title, .text([reason])) : nil
        }
        return Report.Section(
            title,
            note: "Attention rolled out over all layers, from blue to red, over what the network saw; mistakes first.",
            .pictures(pictures))
    }

    private func judge(_ evaluation: ZeroShotEvaluation, _ opened: Model, _ name: String) throws -> ZeroShot {
        let title = also.isEmpty && against.isEmpty ? "embedding" : "embedding with \(name)"
        let progress = Progress(title, total: evaluation.items.count)
        return try evaluation(opened.space) { progress.show($0) }
    }
}
