import ArgumentParser
import Bindery
import Foundation

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a model as transformers opens it.",
        discussion: """
            Models of the shape of CLIP, SigLIP and CLAP, whether published or trained here, become a folder for \
            CLIPModel, SiglipModel or ClapModel.from_pretrained.
            Example: bindery export runs/clip --to out/clip
            """)

    @OptionGroup var model: ModelOptions
    @Option(help: ArgumentHelp("The folder to write.", valueName: "DIR"))
    var to: String
    @OptionGroup var global: GlobalOptions

    func run() throws {
        global.apply()
        let opened = try model.open()
        let (family, notes) = try opened.space.export(to: URL(filePath: to))
        Output.line("\(to): \(family) as transformers opens it")
        for note in notes { Output.note(note) }
    }
}
