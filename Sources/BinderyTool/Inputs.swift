import ArgumentParser
import Bindery
import Foundation

/// The things a command is asked about: arguments, lines of standard input, or a column of a manifest.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A table of inputs instead of arguments.", valueName: "F.csv"))
    var manifest: String?

    @Option(help: ArgumentHelp("The manifest's column that names the inputs.", valueName: "C"))
    var column: String?

    @Argument(help: "Files, or texts with --as text; - reads lines from standard input.")
    var inputs: [String] = []

    func validate() throws {
        guard (manifest == nil) != inputs.isEmpty else {
            throw ValidationError("Give inputs as arguments or a table of them with --manifest, not both.")
        }
        guard manifest == nil || column != nil else {
            throw ValidationError("--manifest needs --column: the name of the column that names the inputs.")
        }
    }

    /// The items, in the order they were given.
    func items(as modality: String) throws -> [Item] {
        if let manifest, let column {
            return try Manifest(contentsOf: URL(filePath: manifest)).items(column, as: modality)
        }
        return inputs.flatMap { input in
            input == "-" ? standardInputLines() : [input]
        }.map { modality == "text" ? .text($0) : Item(path: $0) }
    }

    private func standardInputLines() -> [String] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines
    }
}
