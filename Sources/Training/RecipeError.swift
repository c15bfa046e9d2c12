/// Everything that is wrong with a recipe.
public struct RecipeError: Error, Hashable, CustomStringConvertible {
    /// The recipe's path.
    public let path: String
    /// What was found, in the order of the schema; never empty.
    public let problems: [Problem]

    /// What can be wrong with a recipe.
    public enum Problem: Error, Hashable {
        case unreadable(String)
        case yaml(String)
        case setting(String, reason: String)
        case unknown(String, nearest: String?, known: [String])
        case missing(String)
        case wrong(String, expected: String, found: String)
        case inconsistent(String, reason: String)
    }

    /// One sentence: the file, everything that is wrong with it, and what to do.
    public var description: String {
        let shown = problems.prefix(20).map(\.description)
        let more = problems.count > shown.count ? ["and \(problems.count - shown.count) more problems"] : []
        return "\(path): " + (shown + more).joined(separator: "; ")
    }
}

extension RecipeError.Problem: CustomStringConvertible {
    /// The problem without its file.
    public var description: String {
        switch self {
        case .unreadable(let reason): "cannot be read (\(reason)), check the path"
        case .yaml(let reason): "is not a YAML recipe: \(reason)"
        case .setting(let text, let reason): "--set \(text): \(reason)"
        case .unknown(let key, let nearest?, _): "unknown key \(key), did you mean \(nearest)?"
        case .unknown(let key, nil, let known):
            "unknown key \(key), known there are \(Set(known).sorted().joined(separator: ", "))"
        case .missing(let key): "\(key) is missing"
        case .wrong(let key, let expected, let found): "\(key) must be \(expected), not \(found)"
        case .inconsistent(let key, let reason): "\(key): \(reason)"
        }
    }
}

extension RecipeError.Problem {
    /// The key that it is about; nil where it is about the file or a setting.
    var key: String? {
        switch self {
        case .unreadable, .yaml, .setting: nil
        case .unknown(let key, _, _), .missing(let key), .wrong(let key, _, _), .inconsistent(let key, _): key
        }
    }
}
