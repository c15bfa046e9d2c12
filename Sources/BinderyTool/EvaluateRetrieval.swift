import ArgumentParser
import Bindery
import Foundation

struct EvaluateRetrieval: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrieval",
        abstract: "Asks each of two columns of a manifest for the other.",
        discussion: """
            Items of one row belong together; with --group, items of all rows of equal group do. R@k is the share of
            queries with something of theirs among the first k, beside what blind drawing would find.
            Example: bindery evaluate retrieval runs/esc10 --manifest val.csv --query path --as audio --target caption \
            --with text --group label --json out.json
            """)

    @OptionGroup var options: EvaluationOptions
    @Option(help: ArgumentHelp("The table of pairs.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The column that asks.", valueName: "COL"))
    var query: String
    @Option(name: .customLong("as"), help: ArgumentHelp("What its items are.", valueName: "MODALITY"))
    var modality: String
    @Option(help: ArgumentHelp("The column that is asked for.", valueName: "COL"))
    var target: String
    @Option(name: .customLong("with"), help: ArgumentHelp("What its items are.", valueName: "MODALITY"))
    var other: String
    @Option(help: ArgumentHelp("The column whose equal values belong together.", valueName: "COL"))
    var group: String?

    func run() throws {
        try options.run("retrieval", manifest) { opened in
            for name in [modality, other] { _ = try opened.space.tower(name) }
            let evaluation = try RetrievalEvaluation(
                URL(filePath: manifest), query: query, as: modality, target: target, with: other, group: group)
            let progress = Progress("embedding", total: evaluation.count)
            let found = try evaluation(opened.space) { progress.show($0) }
            guard found.aToB.answerable > 0 else {
                throw Refusal(
                    "\(manifest): nothing belongs to any cell of \(query); name a column of groups with --group")
            }
            let names = evaluation.names
            let directions =
                [(name: names.aToB, found: found.aToB)]
                + (found.bToA.map { [(name: names.bToA, found: $0)] } ?? [])
            return EvaluationOptions.Found(
                metrics: evaluation.metrics(found),
                judged: [evaluation.a, evaluation.b].map { ($0.items, $0.modality) },
                count: evaluation.count,
                page: { Retrieval.report("Retrieval: \(manifest)", directions, origin: $0) })
        }
    }
}
