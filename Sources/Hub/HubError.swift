/// Why a model could not be fetched.
public enum HubError: Error, Sendable, CustomStringConvertible {
    /// What names the model is no `organisation/name`.
    case badID(String)
    case badEndpoint(String)
    /// There is no such model, or no such revision of it.
    case notFound(String, revision: String)
    /// The hub wants to know who asks, or knows and refuses.
    case denied(String, hasToken: Bool)
    /// The hub answered with a status that is none of the above.
    case status(Int, String)
    /// No connection came about.
    case unreachable(String, reason: String)
    /// The connection broke, again and again.
    case broken(String, reason: String)
    /// The hub's list of files does not make sense.
    case badListing(String, reason: String)
    /// A file's name would lead out of the folder.
    case hostileName(String)
    /// None of the files is a model's.
    case nothingToPull(String)
    /// Several files of weights, and no telling which is meant.
    case severalWeights(String, [String])
    /// What arrived is not what the hub announced.
    case damaged(String, reason: String)
    /// The disk refused.
    case disk(String, reason: String)
    /// The folder holds another model.
    case taken(String, by: String)

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .badID(let id): "\"\(id)\" names no model on a hub; write it as organisation/name"
        case .badEndpoint(let text): "\"\(text)\" is no http or https address; correct HF_ENDPOINT"
        case .notFound(let id, let revision):
            "the hub has no model \(id) with the revision \(revision); check both, and HF_TOKEN if the model is private"
        case .denied(let id, let hasToken):
            hasToken
                ? "the hub does not let this HF_TOKEN read \(id); accept the model's terms on its page or use another token"
                : "the hub does not let anyone read \(id) or does not have it; check the name, and set HF_TOKEN if it is private"
        case .status(let status, let address):
            "\(address) answered with the status \(status); try again later"
        case .unreachable(let host, let reason):
            "\(host) cannot be reached (\(reason)); check the connection, or HF_ENDPOINT"
        case .broken(let file, let reason):
            "the connection broke while \(file) was fetched (\(reason)); run the command again to go on where it stopped"
        case .badListing(let id, let reason): "the hub's list of the files of \(id) \(reason); check HF_ENDPOINT"
        case .hostileName(let name):
            "the hub lists a file named \"\(name)\", which would lie outside the folder; nothing was fetched, do not trust it"
        case .nothingToPull(let id): "\(id) has no weights that are read here (safetensors, pt, pth, bin)"
        case .severalWeights(let id, let names):
            "\(id) has several files of weights (\(names.joined(separator: ", "))); say which with --include NAME"
        case .damaged(let file, let reason):
            "\(file) arrived damaged (\(reason)), and again when it was fetched anew; try again later"
        case .disk(let path, let reason): "\(path) cannot be written (\(reason)); make room or choose another --to"
        case .taken(let folder, let id): "\(folder) holds \(id) already; choose another folder with --to"
        }
    }
}
