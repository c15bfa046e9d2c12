import ArgumentParser
import Bindery
import Foundation

/// The model that a command works with.
struct ModelOptions: ParsableArguments {
    @Argument(help: "The model: a folder or file.")
    var model: String

    @Option(help: ArgumentHelp("Tokenizer files for a model that has none beside it.", valueName: "PATH"))
    var tokenizer: String?

    func open() throws -> Model {
        try Model(
            at: URL(filePath: model), tokenizer: tokenizer.map { URL(filePath: $0) })
    }
}
