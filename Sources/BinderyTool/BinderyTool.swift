import ArgumentParser
import Bindery
import Foundation

/// The command `bindery`: one file per subcommand, no logic of its own.
@main
struct BinderyTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bindery",
        abstract: "Binds senses: text, images, sound and any further modality in one embedding space.",
        discussion: """
            MODEL is a folder or file that holds a published or trained model; `bindery info MODEL` says what it is.
            Example: bindery classify runs/esc10 street.ogg --labels "a dog barking,rain falling"
            """,
        version: Bindery.version,
        subcommands: [
            Pull.self, Info.self, Embed.self, Classify.self, Similarity.self, Train.self, Evaluate.self, Bench.self,
            Demo.self, Doctor.self, Export.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            switch exitCode(for: error) {
            case .success: exit(withError: error)
            case .validationFailure:
                Output.note(fullMessage(for: error))
                exit(withError: ExitCode(2))
            default:
                Output.note("bindery: \(sentence(error))")
                exit(withError: ExitCode.failure)
            }
        }
    }

    /// What a person should read of an error: our own descriptions as they are, the system's with the file they are about.
    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? CocoaError else {
            return error is POSIXError ? error.localizedDescription : "\(error)"
        }
        let reason =
            switch error.code {
            case .fileNoSuchFile, .fileReadNoSuchFile: "there is no such file or folder; check the path"
            case .fileWriteFileExists: "there is a file of this name already; choose another"
            case .fileReadNoPermission, .fileWriteNoPermission: "this is not allowed; check the permissions"
            case .fileWriteOutOfSpace: "the disk is full; make room"
            default: error.localizedDescription
            }
        return (error.filePath ?? error.url?.path).map { "\($0): \(reason)" } ?? reason
    }
}

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads to work with; one per core unless given.", valueName: "N"))
    var threads: Int?

    func validate() throws {
        guard threads.map({ (1...256).contains($0) }) ?? true else {
            throw ValidationError("--threads must be from 1 to 256.")
        }
    }

    func apply() { Threads.use(threads ?? 0) }
}
