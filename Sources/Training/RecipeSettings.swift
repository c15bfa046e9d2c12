import BinderyLayers

/// A change to a recipe as the command line writes it: `training.rate=1e-4`, `stages.0.data.train=a.csv`.
struct RecipeSetting {
    let path: [String]
    let value: Config

    /// Reads `path=value`.
    ///
    /// The value is a plain scalar, or, when it begins with a bracket or a quote, YAML; a key with dots is put in
    /// double quotes.
    init(_ text: String) throws(RecipeError.Problem) {
        guard let mark = text.firstIndex(of: "=") else {
            throw .setting(text, reason: "write it as path=value")
        }
        path = try Self.keys(text[..<mark], in: text)
        let value = String(text[text.index(after: mark)...])
        guard let first = value.first, "[{\"'".contains(first) else {
            self.value = Config(plain: value)
            return
        }
        do { self.value = try Config(yaml: value) } catch { throw .setting(text, reason: "\(error)") }
    }

    private static func keys(_ path: Substring, in text: String) throws(RecipeError.Problem) -> [String] {
        var keys = [""]
        var isQuoted = false
        for character in path {
            switch character {
            case "\"": isQuoted.toggle()
            case "." where !isQuoted: keys.append("")
            default: keys[keys.count - 1].append(character)
            }
        }
        guard !isQuoted, !keys.contains("") else {
            throw .setting(text, reason: "a path is keys with dots between them")
        }
        return keys
    }

    /// The tree with the value put at the path; maps that are not there are made, and a number picks from a list.
    func applied(to tree: Config) throws(RecipeError.Problem) -> Config { try put(path[...], into: tree) }

    private func put(_ rest: ArraySlice<String>, into tree: Config) throws(RecipeError.Problem) -> Config {
        guard let key = rest.first else { return value }
        switch tree {
        case .map(var map):
            map[key] = try put(rest.dropFirst(), into: map[key] ?? .null)
            return .map(map)
        case .null: return .map([key: try put(rest.dropFirst(), into: .null)])
        case .list(var list):
            guard let index = Int(key), list.indices.contains(index) else {
                throw .setting(text, reason: "\(key) is not the number of one of \(list.count) entries, from 0")
            }
            list[index] = try put(rest.dropFirst(), into: list[index])
            return .list(list)
        default:
            throw .setting(text, reason: "\(key) lies below \(tree.summary), which has no parts")
        }
    }

    private var text: String { path.joined(separator: ".") }
}
