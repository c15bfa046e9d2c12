/// A tokenizer file that is absent, damaged, or made for something Bindery does not read.
public enum TokenizerError: Error, Sendable, Equatable {
    /// None of the files that hold a vocabulary was found; `looked` names those that were tried, `origin` a model that has
    /// them.
    case missing(looked: [String], origin: String? = nil)
    /// The file is larger than any known vocabulary, sizes in bytes.
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// The file is not well formed; `offset` counts bytes from its start.
    case malformed(file: String, what: String, offset: Int)
    /// The file is well formed, but a value in it cannot be.
    case invalid(file: String, what: String)
    /// The file asks for something that Bindery has no code for.
    case unsupported(file: String, what: String, known: [String])
}

extension TokenizerError: CustomStringConvertible {
    /// One sentence: which file, what is wrong, what to do next.
    public var description: String {
        switch self {
        case .missing(let looked, let origin):
            """
            no tokenizer was found (looked for \(looked.joined(separator: ", "))); \
            \(origin.map { "fetch that of \($0) with bindery pull" } ?? "put one beside the weights"), or name it with \
            --tokenizer PATH
            """
        case .tooLarge(let file, let bytes, let limit):
            "\(file) has \(bytes) bytes, more than the \(limit) a vocabulary may have; check that it is the right file"
        case .malformed(let file, let what, let offset):
            "\(file) is damaged at byte \(offset): \(what); fetch the file again"
        case .invalid(let file, let what):
            "\(file) does not make sense: \(what); fetch the file again or take the one published with the weights"
        case .unsupported(let file, let what, let known):
            """
            \(file) asks for \(what), which Bindery does not have\
            \(known.isEmpty ? "" : " (it has \(known.joined(separator: ", ")))"); use another form of this tokenizer
            """
        }
    }
}
