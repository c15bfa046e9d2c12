import ArgumentParser
import Bindery
import Foundation

struct Pull: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetches a published model from a hub.",
        discussion: """
            One set of weights, configurations and tokenizers come; other formats and pictures stay where they are. Sizes \
            and hashes are checked, and a pull that was cut off goes on where it stopped. The model lies in models/NAME \
            below the working directory unless --to says otherwise; from there, ORGANISATION/NAME works wherever a \
            command wants a MODEL, without a network. HF_ENDPOINT names another hub, HF_TOKEN lets you in.
            Example: bindery pull openai/clip-vit-base-patch32
            """)

    @Argument(help: "The model's name on the hub: organisation/name.")
    var id: String
    @Option(help: ArgumentHelp("A branch, tag or commit.", valueName: "R"))
    var revision = "main"
    @Option(help: ArgumentHelp("The folder that the model goes to.", valueName: "DIR"))
    var to: String?
    @Option(
        help: ArgumentHelp(
            "A further file of the model; of several weights, the ones that are meant.", valueName: "NAME"))
    var include: [String] = []
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let environment = ProcessInfo.processInfo.environment
        let given = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let hub = try Hub(
            endpoint: given("HF_ENDPOINT") ?? Hub.usualEndpoint, token: given("HF_TOKEN"),
            agent: "bindery/\(Bindery.version)")
        let id = try HubID(id)
        let folder = to.map { URL(filePath: $0) } ?? Pulled.usualFolder(id)
        let bar = ByteProgress("pulling \(id)")
        let outcome = try hub.pull(id, revision: revision, to: folder, including: include) {
            bar.show($0.done, of: $0.total)
        }
        bar.end()
        switch outcome {
        case .complete(let pulled):
            let bytes = pulled.files.values.reduce(0) { $0 + $1.size }
            Output.line("\(folder.relativePath): \(pulled.files.count) files, \(ByteProgress.text(bytes)) of \(id)")
        case .offline(_, let reason):
            Output.note("the hub cannot be reached (\(reason)); what was pulled before is there as a whole")
            Output.line(folder.relativePath)
        }
    }
}
