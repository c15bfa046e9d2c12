public import Foundation

/// A tree of plain values as configuration files hold them: what an encoder is built from.
public enum Config: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Config])
    case map([String: Config])

    /// An empty map.
    public static let empty = Config.map([:])
}

extension Config: Codable {
    /// Decodes any value that JSON or YAML can hold.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Config].self) {
            self = .list(list)
        } else {
            self = .map(try value.decode([String: Config].self))
        }
    }

    /// Encodes the tree as it is.
    public func encode(to encoder: any Swift.Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .map(let map): try value.encode(map)
        }
    }

    /// Reads a JSON file of at most `limit` bytes; throws a sentence when it is not there, larger, or not JSON.
    public init(json url: URL, limit: Int = 16 << 20) throws(ConfigError) {
        let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
        guard let size, let bytes = size <= limit ? try? Data(contentsOf: url) : Data() else {
            throw .unreadable(url.path)
        }
        guard size <= limit else { throw .tooLarge(url.path, size, limit) }
        do {
            self = try JSONDecoder().decode(Config.self, from: bytes)
        } catch {
            throw .notJSON(url.path)
        }
    }
}

extension Config: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// A map.
    public init(dictionaryLiteral elements: (String, Config)...) {
        self = .map(Dictionary(elements) { _, last in last })
    }

    /// A list.
    public init(arrayLiteral elements: Config...) { self = .list(elements) }

    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }

    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Config {
    /// The value at `key` of a map, nil when it is absent, null, or this is no map.
    public subscript(_ key: String) -> Config? {
        guard case .map(let map) = self, let value = map[key], value != .null else { return nil }
        return value
    }

    /// The value at a dotted path of keys (`text_config.hidden_size`).
    public subscript(path path: String) -> Config? {
        path.split(separator: ".").reduce(Optional(self)) { $0?[String($1)] }
    }

    /// This map with another value at `key`; a map of that alone when this is none.
    public func setting(_ key: String, to value: Config) -> Config {
        .map((asMap ?? [:]).merging([key: value]) { _, new in new })
    }

    /// The text this is, if it is one.
    public var asText: String? { if case .text(let text) = self { text } else { nil } }

    /// The whole number this is, if it is one.
    public var asInteger: Int? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }

    /// The number this is, if it is one.
    public var asNumber: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    /// The truth value this is, if it is one.
    public var asBool: Bool? { if case .bool(let bool) = self { bool } else { nil } }

    /// The elements of the list this is, if it is one.
    public var asList: [Config]? { if case .list(let list) = self { list } else { nil } }

    /// The entries of the map this is, if it is one.
    public var asMap: [String: Config]? { if case .map(let map) = self { map } else { nil } }
}

extension Config {
    /// The whole number at `key` within `range`, or `fallback` when the key is absent; throws on anything else.
    public func integer(_ key: String, in range: ClosedRange<Int>, or fallback: Int? = nil) throws(ConfigError) -> Int {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        guard let integer = value.asInteger, range.contains(integer) else {
            throw .wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return integer
    }

    /// The finite number at `key` within `range`, or `fallback` when the key is absent; throws on anything else.
    public func number(
        _ key: String, in range: ClosedRange<Double> = -1e30...1e30, or fallback: Double? = nil
    ) throws(ConfigError) -> Double {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        guard let number = value.asNumber, range.contains(number) else {
            throw .wrong(key, "a number from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return number
    }

    /// The truth value at `key`, or `fallback` when the key is absent; throws on anything else.
    public func bool(_ key: String, or fallback: Bool? = nil) throws(ConfigError) -> Bool {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        guard let bool = value.asBool else { throw .wrong(key, "true or false", value) }
        return bool
    }

    /// The text at `key`, or `fallback` when the key is absent; throws on anything else.
    public func text(_ key: String, or fallback: String? = nil) throws(ConfigError) -> String {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        guard let text = value.asText else { throw .wrong(key, "a text", value) }
        return text
    }

    /// The case named at `key`, or `fallback` when the key is absent; throws, listing the cases, on anything else.
    public func choice<C: RawRepresentable & CaseIterable>(
        _ key: String, or fallback: C? = nil
    ) throws(ConfigError) -> C where C.RawValue == String {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        guard let choice = value.asText.flatMap(C.init(rawValue:)) else {
            throw .wrong(key, "one of " + C.allCases.map(\.rawValue).joined(separator: ", "), value)
        }
        return choice
    }

    /// The whole numbers at `key`, each within `range` and at most `most` of them, or `fallback` when absent.
    public func integers(
        _ key: String, in range: ClosedRange<Int>, most: Int = 64, or fallback: [Int]? = nil
    ) throws(ConfigError) -> [Int] {
        guard let value = self[key] else {
            guard let fallback else { throw .missing(key) }
            return fallback
        }
        let integers = value.asList?.compactMap(\.asInteger).filter(range.contains) ?? []
        guard let list = value.asList, integers.count == list.count, list.count <= most else {
            throw .wrong(key, "a list of whole numbers from \(range.lowerBound) to \(range.upperBound)", value)
        }
        return integers
    }

    /// Throws, naming the nearest known key, when this map has a key that `known` lacks.
    public func allow(only known: [String]) throws(ConfigError) {
        let unknown = (asMap ?? [:]).keys.filter { !known.contains($0) }.sorted()
        guard let first = unknown.first else { return }
        throw .unknown(first, nearest: first.nearest(in: known))
    }
}

/// What is wrong with a configuration.
public enum ConfigError: Error, Hashable, CustomStringConvertible {
    case unreadable(String)
    case tooLarge(String, Int, Int)
    case notJSON(String)
    case missing(String)
    case wrong(String, String, Config)
    case unknown(String, nearest: String?)
    case inconsistent(String)

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read; check the path and its permissions"
        case .tooLarge(let path, let size, let limit):
            "\(path) has \(size) bytes, more than the \(limit) that a configuration may have"
        case .notJSON(let path): "\(path) is not JSON; check that it was written or downloaded whole"
        case .missing(let key): "the configuration lacks \(key)"
        case .wrong(let key, let expected, let value):
            "\(key) must be \(expected), not \(value.summary)"
        case .unknown(let key, let nearest):
            "unknown key \(key)" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .inconsistent(let sentence): sentence
        }
    }
}

extension Config {
    /// The value in a few characters, for error sentences.
    public var summary: String {
        switch self {
        case .null: "nothing"
        case .bool(let bool): "\(bool)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text.prefix(40))\""
        case .list(let list): "a list of \(list.count)"
        case .map: "a map"
        }
    }
}
