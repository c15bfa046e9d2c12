import ArgumentParser
import Bindery
import Foundation

struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes one unit vector per input.",
        discussion: """
            The vectors are float32 [inputs, width] in input order. Long recordings are cut into fixed windows whose
            vectors are averaged. Beside F.npy lies F.npy.json, which says which model made it.
            Example: bindery embed models/clap --as audio street.ogg yard.wav --out vectors.npy
            """)

    @OptionGroup var model: ModelOptions
    @Option(
        name: .customLong("as"), help: ArgumentHelp("What the inputs are: text, audio, image…", valueName: "MODALITY"))
    var modality: String
    @OptionGroup var inputs: InputOptions
    @Option(help: ArgumentHelp("Where the vectors go: .npy or .jsonl.", valueName: "F"))
    var out: String
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard out.hasSuffix(".npy") || out.hasSuffix(".jsonl") else {
            throw ValidationError("--out must end in .npy or .jsonl.")
        }
    }

    func run() throws {
        global.apply()
        let items = try inputs.items(as: modality)
        let opened = try model.open()
        try opened.space.noteOmissions(items, as: modality)
        let progress = Progress("embedding", total: items.count)
        let vectors = try opened.space.embed(items, as: modality) { progress.show($0) }
        let fingerprint = try opened.fingerprint()
        let url = URL(filePath: out)
        if out.hasSuffix(".npy") {
            try NumpyFile.write(vectors, to: url)
            let provenance = Provenance(
                model: model.model, modality: modality, fingerprint: fingerprint.description, inputs: items.map(\.name))
            try Output.write(Output.json(provenance, pretty: true) + "\n", to: out + ".json")
        } else {
            let lines = try items.indices.map { row in
                try Output.json(
                    Line(
                        input: items[row].name, model: fingerprint.short,
                        vector: vectors.slice(axis: 0, row..<row + 1).values))
            }
            try Output.write(lines.map { $0 + "\n" }.joined(), to: out)
        }
    }

    /// Which model made a file of vectors, and from what.
    private struct Provenance: Encodable {
        let model: String
        let modality: String
        let fingerprint: String
        let inputs: [String]
    }

    private struct Line: Encodable {
        let input: String
        let model: String
        let vector: [Float]
    }
}
