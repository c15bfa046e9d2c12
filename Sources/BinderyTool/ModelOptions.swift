import ArgumentParser
import Bindery
import Foundation

/// The model that a command works with.
struct ModelOptions: ParsableArguments {
    @Argument(help: "The model: a folder, a file, or the name of one that was pulled.")
    var model: String

    @Option(help: ArgumentHelp("Tokenizer files for a model that has none beside it.", valueName: "PATH"))
    var tokenizer: String?

    func open() throws -> Model { try open(model) }

    /// Another model, with the same tokenizer files where they are named.
    func open(_ name: String) throws -> Model {
        try Model(at: Pulled.url(of: name), tokenizer: tokenizer.map { Pulled.url(of: $0) })
    }
}
