import ArgumentParser
import Bindery
import Foundation

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks for what is wrong with a model or a table of data.",
        discussion: """
            Of a model: numbers that are none, collapsed encoders, scales at their bounds. Of a table: files that are \
            missing, unreadable, silent or twice there, sample rates, classes. Exits with 1 when something is bad.
            Example: bindery doctor runs/esc10
            """)

    @Argument(help: ArgumentHelp("A model, or a table that ends in .csv or .tsv.", valueName: "MODEL | F.csv"))
    var subject: String
    @Option(help: ArgumentHelp("Tokenizer files for a model that has none beside it.", valueName: "PATH"))
    var tokenizer: String?
    @Flag(help: "One JSON array.")
    var json = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let findings =
            try ["csv", "tsv"].contains(URL(filePath: subject).pathExtension.lowercased()) ? table() : model()
        if json {
            Output.line(try Output.json(findings, pretty: true))
        } else {
            for finding in findings {
                let mark =
                    switch finding.grade {
                    case .good: "  good  "
                    case .doubtful: "? doubt "
                    case .bad: "! bad   "
                    }
                Output.line("\(mark) \(finding.subject): \(finding.sentence)")
            }
        }
        if findings.contains(where: { $0.grade == .bad }) { Self.exit(withError: ExitCode.failure) }
    }

    private func model() throws -> [Finding] {
        var options = ModelOptions()
        (options.model, options.tokenizer) = (subject, tokenizer)
        return ModelCheckup.findings(try options.open().space, Modalities.all)
    }

    private func table() throws -> [Finding] {
        let manifest = try Manifest(contentsOf: URL(filePath: subject))
        var bar: (total: Int, progress: Progress)?
        return try ManifestCheckup(manifest, Modalities.all).findings { done, total in
            let shown =
                bar.flatMap { $0.total == total ? $0.progress : nil }
                ?? Progress("reading", total: total, unit: "files")
            bar = (total, shown)
            shown.show(done)
        }
    }
}
