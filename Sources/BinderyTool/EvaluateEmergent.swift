import ArgumentParser
import Bindery
import Foundation

struct EvaluateEmergent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergent",
        abstract: "Asks modalities for each other that were never trained together.",
        discussion: """
            The table has a column for each modality; every pair that the model was not trained on is asked both ways, by
            itself, beside what blind drawing would find. With --group, items of all rows of equal group belong together.
            Empty cells are left out.
            Example: bindery evaluate emergent runs/digits --manifest val.csv --columns audio=sound,image=picture,text=caption \
            --group label --json out.json --report out.html
            """)

    @OptionGroup var options: EvaluationOptions
    @Option(help: ArgumentHelp("The table of items.", valueName: "F.csv"))
    var manifest: String
    @Option(help: ArgumentHelp("The column of each modality, with commas.", valueName: "M=COL,…"))
    var columns: String
    @Option(help: ArgumentHelp("The column whose equal values belong together.", valueName: "COL"))
    var group: String?

    private var named: [(String, String)] {
        columns.split(separator: ",").compactMap { entry in
            let parts = entry.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
    }

    func validate() throws {
        guard named.count > 1, named.count == columns.split(separator: ",").count,
            Set(named.map(\.0)).count == named.count
        else {
            throw ValidationError("--columns must name two modalities or more, as in audio=sound,text=caption.")
        }
    }

    func run() throws {
        try options.run("emergent", manifest) { opened in
            for (modality, _) in named { _ = try opened.space.tower(modality) }
            let evaluation = try EmergentEvaluation(
                URL(filePath: manifest), columns: Dictionary(named) { first, _ in first }, group: group)
            let progress = Progress("embedding", total: evaluation.count)
            let found = try evaluation(opened.space) { progress.show($0) }
            return EvaluationOptions.Found(
                metrics: found.metrics(), judged: evaluation.sides.map { ($0.items, $0.modality) },
                page: { found.report("Emergent: \(manifest)", origin: $0) })
        }
    }
}
