import ArgumentParser
import Bindery
import Foundation

struct Similarity: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares every input of one kind with every input of another.",
        discussion: """
            Prints the cosine of every pair and the model's logit for it.
            Example: bindery similarity models/clap --as audio street.ogg --with text "rain falling" "a car" --json
            """)

    @OptionGroup var model: ModelOptions
    @Option(name: .customLong("as"), help: ArgumentHelp("What the inputs before --with are.", valueName: "A"))
    var a: String
    @Argument(help: "The inputs of kind A.")
    var rows: [String]
    @Option(name: .customLong("with"), parsing: .upToNextOption, help: "A second kind B, then its inputs.")
    var with: [String]
    @Flag(help: "One JSON object with rows, columns, cosine and logits.")
    var json = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard with.count > 1 else { throw ValidationError("--with needs a kind and at least one input.") }
        guard !rows.isEmpty else { throw ValidationError("Give at least one input of the first kind.") }
    }

    func run() throws {
        global.apply()
        let opened = try model.open()
        let columns = Array(with.dropFirst())
        let (rowItems, columnItems) = (rows.map { item($0, as: a) }, columns.map { item($0, as: with[0]) })
        try opened.space.noteOmissions(rowItems, as: a)
        try opened.space.noteOmissions(columnItems, as: with[0])
        let left = try opened.space.embed(rowItems, as: a)
        let right = try opened.space.embed(columnItems, as: with[0])
        let cosine = left.matmul(transposed: right)
        let logits = try opened.space.logits(left, right, as: (a, with[0]))
        if json {
            Output.line(
                try Output.json(
                    Table(rows: rows, columns: columns, cosine: table(cosine), logits: table(logits))))
        } else {
            for (row, cosines) in zip(rows, table(cosine)) {
                Output.line(row)
                for (column, value) in zip(columns, cosines) {
                    Output.line(String(format: "  %7.4f  ", value) + column)
                }
            }
        }
    }

    private func item(_ text: String, as modality: String) -> Item {
        modality == "text" ? .text(text) : Item(path: text)
    }

    /// The rows of a matrix.
    private func table(_ matrix: Tensor) -> [[Float]] {
        let width = matrix.shape[1]
        let values = matrix.values
        return (0..<matrix.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    private struct Table: Encodable {
        let rows: [String]
        let columns: [String]
        let cosine: [[Float]]
        let logits: [[Float]]
    }
}
