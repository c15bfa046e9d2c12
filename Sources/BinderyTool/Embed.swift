import ArgumentParser
import Bindery
import Foundation

struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes one unit vector per input, or its tokens.",
        discussion: """
            The vectors are float32 [inputs, width] in input order. Long recordings are cut into fixed windows whose
            vectors are averaged. Beside F.npy lies F.npy.json, which says which model made it. With --tokens the states
            of every token are written instead, [inputs, tokens, width] before pooling and head, zeros behind shorter ones:
            what language models and diffusion take (LLaVA: --layer -2, without the first row).
            Example: bindery embed models/clap --as audio street.ogg yard.wav --out vectors.npy
            """)

    @OptionGroup var model: ModelOptions
    @Option(
        name: .customLong("as"), help: ArgumentHelp("What the inputs are: text, audio, image…", valueName: "MODALITY"))
    var modality: String
    @OptionGroup var inputs: InputOptions
    @Option(help: ArgumentHelp("Where the vectors go: .npy or .jsonl.", valueName: "F"))
    var out: String
    @Flag(help: "The states of the tokens instead of one vector.")
    var tokens = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --tokens, after which block: -1 is the last, -2 the one before.", valueName: "N"))
    var layer: Int?
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard layer == nil || tokens else { throw ValidationError("--layer needs --tokens.") }
        guard out.hasSuffix(".npy") || out.hasSuffix(".jsonl") else {
            throw ValidationError("--out must end in .npy or .jsonl.")
        }
    }

    func run() throws {
        global.apply()
        let items = try inputs.items(as: modality)
        let opened = try model.open()
        try opened.space.noteOmissions(items, as: modality)
        if tokens { return try writeTokens(items, opened) }
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
            let lines = try zip(items, vectors.rows).map { item, vector in
                try Output.json(Line(input: item.name, model: fingerprint.short, vector: vector))
            }
            try Output.write(lines.map { $0 + "\n" }.joined(), to: out)
        }
    }

    private func writeTokens(_ items: [Item], _ opened: Model) throws {
        let progress = Progress("embedding", total: items.count)
        let states = try opened.space.tokens(items, as: modality, layer: layer) { progress.show($0) }
        let fingerprint = try opened.fingerprint()
        guard out.hasSuffix(".npy") else {
            let lines = try zip(items, states).map { item, states in
                try Output.json(TokenLine(input: item.name, model: fingerprint.short, tokens: states.rows))
            }
            return try Output.write(lines.map { $0 + "\n" }.joined(), to: out)
        }
        let counts = states.map { $0.shape[0] }
        let longest = counts.max() ?? 0
        let width = states.first?.shape[1] ?? 0
        try NumpyFile.write(shape: [items.count, longest, width], to: URL(filePath: out)) { append in
            for states in states { try append(states.padded([(0, longest - states.shape[0]), (0, 0)])) }
        }
        let provenance = Provenance(
            model: model.model, modality: modality, fingerprint: fingerprint.description, inputs: items.map(\.name),
            layer: layer, tokens: counts)
        try Output.write(Output.json(provenance, pretty: true) + "\n", to: out + ".json")
    }

    /// Which model made a file of vectors, and from what.
    private struct Provenance: Encodable {
        let model: String
        let modality: String
        let fingerprint: String
        let inputs: [String]
        var layer: Int?
        var tokens: [Int]?
    }

    private struct TokenLine: Encodable {
        let input: String
        let model: String
        let tokens: [[Float]]
    }

    private struct Line: Encodable {
        let input: String
        let model: String
        let vector: [Float]
    }
}
