import BinderyLayers

/// Where the problems of one recipe gather.
final class RecipeProblems {
    private(set) var all: [RecipeError.Problem] = []

    /// What is said of an entry of a list goes before what follows from it for the whole list.
    func note(_ problem: RecipeError.Problem) {
        if case .inconsistent(let key, _) = problem, all.contains(where: { $0.key?.hasPrefix("\(key)[") == true }) {
            return
        }
        all.append(problem)
    }
}

/// A map of a recipe, read key by key: what is wrong is noted, and keys that nobody asked for are unknown.
///
/// A value that is absent or wrong reads as the fallback, so that one pass finds every problem.
struct RecipeFields {
    /// Where the map stands, `training.groups[1]`; empty at the top.
    let path: String
    let problems: RecipeProblems
    private let map: [String: Config]
    private var known: [String] = []

    init(_ tree: Config, at path: String, _ problems: RecipeProblems) {
        self.path = path
        self.problems = problems
        map = tree.asMap ?? [:]
        if tree.asMap == nil, tree != .null {
            problems.note(.wrong(path.isEmpty ? "the recipe" : path, expected: "a map of keys", found: tree.summary))
        }
    }

    /// Notes the keys that nobody asked for.
    func close() {
        for key in map.keys.sorted() where !known.contains(key) {
            let nearest = key.nearest(in: known)
            problems.note(.unknown(place(key), nearest: nearest.map(place), known: known))
        }
    }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The keys of a map whose keys are names that the recipe's author chose, sorted.
    var names: [String] { map.keys.sorted() }

    /// The value at `key`, nil when it is absent or null.
    mutating func value(_ key: String) -> Config? {
        known.append(key)
        return map[key].flatMap { $0 == .null ? nil : $0 }
    }

    /// Whether the key is there with the value null, which switches an inherited value off.
    func isNull(_ key: String) -> Bool { map[key] == .null }

    /// Reads the value at `key` by `read`; notes a wrong value when it gives nil.
    mutating func read<V>(_ key: String, _ expected: String, _ read: (Config) -> V?) -> V? {
        guard let value = value(key) else { return nil }
        if let result = read(value) { return result }
        problems.note(.wrong(place(key), expected: expected, found: value.summary))
        return nil
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        read(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.asInteger.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        read(key, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.asNumber.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func bool(_ key: String) -> Bool? { read(key, "true or false", \.asBool) }

    mutating func text(_ key: String) -> String? {
        read(key, "a text that is not empty") { value in value.word.flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// One text, or a list of texts.
    mutating func texts(_ key: String) -> [String]? {
        read(key, "a list of texts") { value in
            if let text = value.word { return [text] }
            let texts = value.asList?.compactMap(\.word)
            return texts?.count == value.asList?.count ? texts : nil
        }
    }

    /// One of the cases of `C`; the nearest is named when it is none.
    mutating func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, _ type: C.Type = C.self
    ) -> C? where C.RawValue == String {
        let cases = C.allCases.map(\.rawValue)
        let nearest = map[key]?.asText.flatMap { $0.nearest(in: cases) }.map { " (did you mean \($0)?)" } ?? ""
        return read(key, "one of " + cases.joined(separator: ", ") + nearest) { $0.asText.flatMap(C.init(rawValue:)) }
    }

    /// The map at `key`, read by `body`; nil when it is absent.
    mutating func fields<V>(_ key: String, _ body: (inout RecipeFields) -> V) -> V? {
        guard let value = value(key) else { return nil }
        return Self.read(value, at: place(key), problems, body)
    }

    /// The maps of the list at `key`, read one by one, nil when it is absent.
    ///
    /// A map alone is a list of one.
    mutating func list<V>(_ key: String, _ body: (inout RecipeFields) -> V) -> [V]? {
        guard let value = value(key) else { return nil }
        guard let list = value.asList else { return [Self.read(value, at: place(key), problems, body)] }
        return list.enumerated().map { index, entry in
            Self.read(entry, at: "\(place(key))[\(index)]", problems, body)
        }
    }

    /// The map at `key` whose keys the author chose: each value read by `body`, which gets its place.
    mutating func named<V>(_ key: String, _ body: (Config, _ place: String) -> V?) -> [String: V]? {
        guard let value = value(key) else { return nil }
        guard let map = value.asMap else {
            problems.note(.wrong(place(key), expected: "a map of keys", found: value.summary))
            return nil
        }
        var result: [String: V] = [:]
        for (name, entry) in map.sorted(by: { $0.key < $1.key }) {
            result[name] = body(entry, "\(place(key)).\(name)")
        }
        return result
    }

    static func read<V>(
        _ value: Config, at path: String, _ problems: RecipeProblems, _ body: (inout RecipeFields) -> V
    ) -> V {
        var fields = RecipeFields(value, at: path, problems)
        defer { fields.close() }
        return body(&fields)
    }
}

extension Config {
    /// A text, or a number or truth value that YAML took a text for: the label `7`, the fold `true`.
    var word: String? {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .bool(let bool): String(bool)
        default: nil
        }
    }
}
