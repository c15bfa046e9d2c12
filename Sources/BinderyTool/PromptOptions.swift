import ArgumentParser
import Bindery
import Foundation

/// What items are, what their classes are called, and the sentences that name them.
struct PromptOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("What the items are.", valueName: "MODALITY"))
    var modality: String?
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
    func validate() throws {
        guard template.allSatisfy({ $0.contains("{}") }) else {
            throw ValidationError("A template needs {} where the phrase goes.")
        }
    }

    /// The judgement of a table by these prompts.
    func evaluation(_ manifest: String, as modality: String) throws -> ZeroShotEvaluation {
        try ZeroShotEvaluation(
            URL(filePath: manifest), as: modality, column: column, label: labelColumn,
            classes: classes.map { URL(filePath: $0) }, templates: allTemplates())
    }

    /// The judgement of a table whose items may show several classes, with `separator` between.
    func evaluation(
        _ manifest: String, as modality: String, separator: Character
    ) throws -> MultiLabelEvaluation {
        try MultiLabelEvaluation(
            URL(filePath: manifest), as: modality, column: column, label: labelColumn, separator: separator,
            classes: classes.map { URL(filePath: $0) }, templates: allTemplates())
    }

    private func allTemplates() throws -> [String] {
        guard let templates else { return template }
        let lines = try TextFile.lines(of: URL(filePath: templates))
        if let line = lines.first(where: { !$0.contains("{}") }) {
            throw Refusal("\(templates): \"\(line)\" has no {} where the phrase goes")
        }
        return template + lines
    }
}
