import ArgumentParser
import Bindery
import Foundation

struct Similarity: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares every input of one kind with every input of another.",
        discussion: """
            Prints the cosine of every pair and the model's logit for it.
            Example: bindery similarity models/clap --as audio street.ogg --with text "rain falling" "a car" --json

            --plus and --minus ask for sums and differences across kinds: each adds an input to, or takes it away from, every
            input before --with. Answers are then sorted, and what the question is made of is not among them (null in JSON).
            Example: bindery similarity models/clip --as image beach.png --plus text "in the snow" --minus text "grass" \
            --with image photos/*.png --top 5

            What it gives: after recipes/digits-bind.yaml, the picture of one digit plus the sound of another finds the 4,999
            other pictures of both with a mean average precision of 89.8 %, the picture alone with 67.0, the sound alone with
            67.2, chance 20.0; paired, 18.3 points above the better of both (17.2 to 19.2). Benchmarks/arithmetic.py repeats it.
            """)

    @OptionGroup var model: ModelOptions
    @Option(name: .customLong("as"), help: ArgumentHelp("What the inputs before --with are.", valueName: "A"))
    var a: String
    @Argument(help: "The inputs of kind A.")
    var rows: [String]
    @Option(name: .customLong("with"), parsing: .upToNextOption, help: "A second kind B, then its inputs.")
    var with: [String]
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("A kind and an input that is added; may be repeated.", valueName: "KIND INPUT"))
    var plus: [String] = []
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("A kind and an input that is taken away; may be repeated.", valueName: "KIND INPUT"))
    var minus: [String] = []
    @Option(help: ArgumentHelp("Shows only the best K answers, the best first.", valueName: "K"))
    var top: Int?
    @Flag(help: "One JSON object with rows, columns, cosine and logits.")
    var json = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard with.count > 1 else { throw ValidationError("--with needs a kind and at least one input.") }
        guard !rows.isEmpty else { throw ValidationError("Give at least one input of the first kind.") }
        guard plus.count.isMultiple(of: 2), minus.count.isMultiple(of: 2) else {
            throw ValidationError(
                "--plus and --minus each take a kind and one input, as in --plus text \"in the snow\".")
        }
        guard top.map({ $0 > 0 }) ?? true else { throw ValidationError("--top must be at least 1.") }
    }

    func run() throws {
        global.apply()
        let space = try model.open().space
        let (kind, columns) = (with[0], Array(with.dropFirst()))
        let (rowItems, columnItems) = (rows.map { item($0, as: a) }, columns.map { item($0, as: kind) })
        let arithmetic = Arithmetic(terms(plus, isNegative: false) + terms(minus, isNegative: true))
        try space.noteOmissions(rowItems, as: a)
        try space.noteOmissions(columnItems, as: kind)
        var left = try space.embed(rowItems, as: a)
        if !arithmetic.terms.isEmpty { left = try arithmetic(left, in: space) }
        let right = try space.embed(columnItems, as: kind)
        let isAnswer = rowItems.map { row in
            columnItems.map { arithmetic.terms.isEmpty || !arithmetic.asks(with: $0, as: kind, row: row, of: a) }
        }
        let cosine = table(left.matmul(transposed: right), isAnswer)
        let names = rows.map { arithmetic.words(for: $0) }
        if json {
            let logits = table(try space.logits(left, right, as: (a, kind)), isAnswer)
            Output.line(
                try Output.json(Table(rows: names, columns: columns, cosine: cosine, logits: logits)))
        } else {
            let isSorted = top != nil || !arithmetic.terms.isEmpty
            for (row, cosines) in zip(names, cosine) {
                Output.line(row)
                var answers = zip(columns, cosines).compactMap { column, value in value.map { (column, $0) } }
                if isSorted { answers.sort { $0.1 > $1.1 } }
                for (column, value) in answers.prefix(top ?? answers.count) {
                    Output.line(String(format: "  %7.4f  ", value) + column)
                }
            }
        }
    }

    private func item(_ text: String, as modality: String) -> Item {
        modality == "text" ? .text(text) : Item(path: text)
    }

    /// Kinds and inputs in turn.
    private func terms(_ words: [String], isNegative: Bool) -> [Arithmetic.Term] {
        stride(from: 0, to: words.count - 1, by: 2).map {
            Arithmetic.Term(item(words[$0 + 1], as: words[$0]), as: words[$0], isNegative: isNegative)
        }
    }

    /// The rows of a matrix, without what is no answer.
    private func table(_ matrix: Tensor, _ isAnswer: [[Bool]]) -> [[Float?]] {
        zip(matrix.rows, isAnswer).map { row, isAnswer in zip(row, isAnswer).map { $1 ? $0 : nil } }
    }

    private struct Table: Encodable {
        let rows: [String]
        let columns: [String]
        let cosine: [[Float?]]
        let logits: [[Float?]]
    }
}
