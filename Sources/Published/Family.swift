public import BinderyBinding
public import BinderyLayers
import Foundation

/// What a family makes of files that it knows: everything needed to build the space and fill it.
public struct Recognised: Sendable {
    /// The family's name.
    public var family: String
    /// Towers, heads, pairs.
    public var plan: JointSpace.Plan
    /// The weights under their published names.
    public var checkpoint: Checkpoint
    /// From published names to ours.
    public var keyMap: KeyMap
    /// Tokenizers and the like, by tower.
    public var assets: [String: Assets] = [:]
    /// Whose tokenizer the weights were trained with, for families that are published without one: its name on the hub.
    public var tokenizer: String?
    /// The towers whose encoders training left alone, where that is known.
    public var frozen: [String] = []
    /// For people: licence, what was assumed.
    public var notes: [String] = []
    /// Whether the file's scales are held at the plan's bounds, as the reference holds them whenever it is called.
    public var boundsScales = false
    /// Towers that are the same network as another one of the file, by their names.
    public var twins: [String: String] = [:]
}

/// A published family: one file of this folder each.
struct Family: Sendable {
    /// What it is called.
    let name: String
    /// The space that the files describe; nil, with the reason noted, when they are not of this family; throws when they
    /// are but something in them is wrong.
    let recognise: @Sendable (ModelFiles) throws -> Verdict

    enum Verdict {
        case known(Recognised)
        /// Not this family, for the reason given: "no config.json".
        case unlike(String)
    }

    /// Every family, the most particular first.
    static let all: [Family] = [
        .bindery,
        .clip, .sigLIP, .align, .vit, .dino, .swin,
        .laionCLAP,
        .openCLIP,
        .bert, .gpt2, .wordVectors,
        .openAICLIP,
        .msCLAP, .laionCLAPOriginal,
        .panns, .imageBind,
    ]

    static func recognise(_ files: ModelFiles) throws -> Recognised {
        var reasons: [(family: String, reason: String)] = []
        for family in all {
            switch try family.recognise(files) {
            case .known(let found): return try found.borrowingVocabulary(files)
            case .unlike(let reason): reasons.append((family.name, reason))
            }
        }
        throw PublishedError.unknown(files.url.path, reasons)
    }
}

/// Why a model on disk cannot be used.
public enum PublishedError: Error, CustomStringConvertible {
    case notThere(String)
    case noWeights(String)
    case noTokenizer(String)
    case unknown(String, [(family: String, reason: String)])
    case incomplete(String, family: String, lacks: String)
    case noLayout([(family: String, reason: String)])

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .notThere(let path):
            "there is no model at \(path); give a folder or a file of weights, or fetch one with bindery pull"
        case .noWeights(let path):
            "\(path) holds no weights (model.safetensors, *.pt, *.pth); was it downloaded whole?"
        case .noTokenizer(let path):
            "there is no tokenizer at \(path); --tokenizer names a folder of tokenizer files, or one of them"
        case .unknown(let path, let reasons):
            "\(path) is of no family known here: "
                + reasons.map { "\($0.family) (\($0.reason))" }.joined(separator: ", ")
        case .noLayout(let reasons):
            "the model has no shape that transformers knows: "
                + reasons.map { "\($0.family) (\($0.reason))" }.joined(separator: ", ")
                + "; keep it as it is, for other programs `bindery embed` writes vectors"
        case .incomplete(let path, let family, let lacks): "\(path) looks like \(family) but lacks \(lacks)"
        }
    }
}
