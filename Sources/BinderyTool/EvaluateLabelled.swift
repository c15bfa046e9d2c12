import ArgumentParser
import Bindery
import Foundation

/// What the three tasks that learn from labelled items have in common.
struct LabelledOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("What the items are.", valueName: "MODALITY"))
    var modality: String?
    @Option(help: ArgumentHelp("The table that is learned from.", valueName: "F.csv"))
    var train: String
    @Option(help: ArgumentHelp("The table that is judged.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The column that names the items.", valueName: "C"))
    var column = "path"
    @Option(help: ArgumentHelp("The column that names their class.", valueName: "C"))
    var labelColumn = "label"
    @Flag(help: "Judges the unit vectors of the space, not what the encoder says before its head.")
    var projected = false

    /// Embeds the tables, then writes what `judge` makes of them.
    func run(
        _ task: String, _ options: EvaluationOptions, validation: String? = nil,
        _ judge: (
            LabelledEvaluation, _ train: LabelledEvaluation.Embedded, LabelledEvaluation.Embedded?,
            _ test: LabelledEvaluation.Embedded
        ) throws -> (metrics: Metrics, page: (inout Report) -> Void)
    ) throws {
        try options.run(task, manifest, with: [train] + (validation.map { [$0] } ?? [])) { opened in
            let modality = try modality ?? opened.space.onlyModality(besides: "text")
            let evaluation = try LabelledEvaluation(
                train: URL(filePath: train), validation: validation.map { URL(filePath: $0) },
                test: URL(filePath: manifest), as: modality, column: column, label: labelColumn)
            let progress = Progress("embedding", total: evaluation.count)
            let parts = try evaluation.embed(opened.space, projected ? .inSpace : .ofEncoder) { progress.show($0) }
            let found = try judge(evaluation, parts.train, parts.validation, parts.test)
            let learned = evaluation.train.items + (evaluation.validation?.items ?? [])
            return EvaluationOptions.Found(
                metrics: found.metrics, judged: [(evaluation.test.items, modality)],
                learned: TrainedItems([modality: learned]),
                page: { origin in
                    var page = Report(
                        "\(task): \(manifest)",
                        subtitle:
                            "\(evaluation.test.items.count) items, learned from \(evaluation.train.items.count).",
                        origin: origin)
                    found.page(&page)
                    return page
                })
        }
    }
}

struct EvaluateLinearProbe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "linear-probe",
        abstract: "Fits a logistic regression on an encoder's vectors and judges it.",
        discussion: """
            With --validation the penalty is chosen there, as CLIP does; else it is --c.
            Example: bindery evaluate linear-probe runs/esc10 --as audio --train train.csv --manifest val.csv
            """)

    @OptionGroup var options: EvaluationOptions
    @OptionGroup var labelled: LabelledOptions
    @Option(help: ArgumentHelp("The table on which the penalty is chosen.", valueName: "F.csv"))
    var validation: String?
    @Option(help: ArgumentHelp("The inverse strength of the penalty.", valueName: "C"))
    var c = 1.0

    func validate() throws {
        guard c > 0, c.isFinite else { throw ValidationError("--c must be above 0.") }
    }

    func run() throws {
        try labelled.run("linear-probe", options, validation: validation) { evaluation, train, validation, test in
            let probe =
                if let validation {
                    LinearProbe(
                        features: train.vectors, labels: train.labels, validation: validation.vectors,
                        validationLabels: validation.labels, classes: evaluation.classes.count)
                } else {
                    LinearProbe(
                        features: train.vectors, labels: train.labels, classes: evaluation.classes.count, c: c)
                }
            let judged = probe.classification(test.vectors, labels: test.labels)
            var metrics = judged.metrics()
            metrics["c"] = .number(probe.regression.c)
            return (
                metrics,
                { page in
                    page.figures = judged.figures()
                    page.sections = judged.sections(evaluation.classes)
                }
            )
        }
    }
}

struct EvaluateFewShot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "few-shot",
        abstract: "Fits logistic regressions on few examples of each class and judges them.",
        discussion: """
            Every number of shots is drawn ten times; numbers that some class has too few examples for are left out.
            Example: bindery evaluate few-shot runs/esc10 --as audio --train train.csv --manifest val.csv --shots 1,4,16
            """)

    @OptionGroup var options: EvaluationOptions
    @OptionGroup var labelled: LabelledOptions
    @Option(help: ArgumentHelp("Numbers of examples per class, with commas.", valueName: "K,K…"))
    var shots = "1,2,4,8,16"
    @Option(help: ArgumentHelp("How often each is drawn.", valueName: "N"))
    var draws = 10
    @Option(help: ArgumentHelp("What the draws depend on.", valueName: "N"))
    var seed: UInt64 = 0

    private var numbers: [Int] {
        shots.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }

    func validate() throws {
        guard !numbers.isEmpty, numbers.count == shots.split(separator: ",").count, numbers.allSatisfy({ $0 > 0 })
        else {
            throw ValidationError("--shots must be numbers above 0 with commas between them.")
        }
        guard (1...10_000).contains(draws) else { throw ValidationError("--draws must be from 1 to 10000.") }
    }

    func run() throws {
        try labelled.run("few-shot", options) { evaluation, train, _, test in
            let found = FewShot(
                features: train.vectors, labels: train.labels, test: test.vectors, testLabels: test.labels,
                classes: evaluation.classes.count, shots: numbers, draws: draws, seed: seed)
            guard found.skipped.count < numbers.count else {
                throw Refusal(
                    "some class of \(labelled.train) has too few examples for any of --shots \(shots); ask for fewer")
            }
            for k in found.skipped { Output.note("\(k) shots are left out: some class has fewer examples") }
            return (
                found.metrics,
                { page in
                    page.sections = [
                        Report.Section(
                            "Accuracy by shots",
                            note: "The mean over \(draws) draws, with one deviation on either side.",
                            .curves(found.curves))
                    ]
                }
            )
        }
    }
}

struct EvaluateNeighbours: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knn",
        abstract: "Names items by their nearest examples and judges that.",
        discussion: "Example: bindery evaluate knn runs/esc10 --as audio --train train.csv --manifest val.csv --k 20")

    @OptionGroup var options: EvaluationOptions
    @OptionGroup var labelled: LabelledOptions
    @Option(help: ArgumentHelp("How many neighbours vote.", valueName: "N"))
    var k = 20
    @Option(help: ArgumentHelp("A vote weighs exp(cosine / T).", valueName: "T"))
    var temperature: Float = 0.07

    func validate() throws {
        guard k > 0 else { throw ValidationError("--k must be at least 1.") }
        guard temperature >= 0.01, temperature.isFinite else {
            throw ValidationError("--temperature must be at least 0.01.")
        }
    }

    func run() throws {
        try labelled.run("knn", options) { evaluation, train, _, test in
            let neighbours = NearestNeighbours(
                examples: train.vectors.l2Normalized(), labels: train.labels, classes: evaluation.classes.count)
            let scores = neighbours.scores(test.vectors.l2Normalized(), k: k, temperature: temperature)
            let judged = Classification(scores: scores, labels: test.labels)
            return (
                judged.metrics(),
                { page in
                    page.figures = judged.figures()
                    page.sections = judged.sections(evaluation.classes)
                }
            )
        }
    }
}
