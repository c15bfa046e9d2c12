import BinderyLayers
import Foundation
import Yams

extension Config {
    /// Reads one YAML document; throws a clause that says where and why when it is none, or is built to be unreadable.
    ///
    /// Plain scalars mean what YAML 1.2's core schema says: `1e-3` is a number, `no` is a text.
    init(yaml text: String) throws(YAMLError) {
        guard text.utf8.count <= YAMLError.sizeLimit else { throw .tooLarge(text.utf8.count) }
        guard text.aliasMarks <= YAMLError.aliasLimit else { throw .tooManyAliases }
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch let error as YamlError {
            throw .syntax(error.sentence)
        } catch { throw .syntax("\(error)") }
        var budget = YAMLError.nodeLimit
        self = try root.map { root throws(YAMLError) in try Config(root, &budget) } ?? .null
    }

    private init(_ node: Node, _ budget: inout Int) throws(YAMLError) {
        budget -= 1
        guard budget >= 0 else { throw .tooManyNodes }
        switch node {
        case .scalar(let scalar):
            self = scalar.style == .plain || scalar.style == .any ? Config(plain: scalar.string) : .text(scalar.string)
        case .sequence(let sequence):
            var list: [Config] = []
            for element in sequence { list.append(try Config(element, &budget)) }
            self = .list(list)
        case .mapping(let mapping):
            var map: [String: Config] = [:]
            for (key, value) in mapping {
                guard let name = key.scalar?.string else { throw .complexKey(line: key.mark?.line ?? 0) }
                map[name] = try Config(value, &budget)
            }
            self = .map(map)
        case .alias: throw .syntax("an alias stands where nothing is known")
        }
    }

    /// What a scalar without quotes means.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        case ".inf", "+.inf": self = .number(.infinity)
        case "-.inf": self = .number(-.infinity)
        case ".nan": self = .number(.nan)
        default:
            if let integer = Int(text) {
                self = .integer(integer)
            } else if text.looksNumeric, let number = Double(text) {
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }
}

/// Why a text is no YAML document that a recipe could be.
enum YAMLError: Error, Hashable, CustomStringConvertible {
    case tooLarge(Int)
    case tooManyAliases
    case tooManyNodes
    case complexKey(line: Int)
    case syntax(String)

    /// A recipe is a document that people read: none comes near these.
    static let sizeLimit = 1 << 18
    static let nodeLimit = 100_000
    /// Few enough that aliases of aliases cannot multiply into work without end.
    static let aliasLimit = 8

    var description: String {
        switch self {
        case .tooLarge(let bytes): "it has \(bytes) bytes, more than the limit of \(Self.sizeLimit)"
        case .tooManyAliases: "it has more than \(Self.aliasLimit) aliases; write the values out"
        case .tooManyNodes: "it has more than \(Self.nodeLimit) values"
        case .complexKey(let line): "a key on line \(line) is not a word; write it as text"
        case .syntax(let sentence): sentence
        }
    }
}

extension YamlError {
    /// Where and why, without the excerpt.
    fileprivate var sentence: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, let offset, _, _): "character \(offset ?? 0): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "line \(context.mark.line): the key \(keys.joined(separator: ", ")) is there twice"
        default: "it is not YAML"
        }
    }
}

extension String {
    /// Digits and signs that `Double` may read, so that `nan`, `infinity` and `0x1p3` stay texts.
    fileprivate var looksNumeric: Bool {
        var digits = 0
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): break
            default: return false
            }
        }
        return digits > 0
    }

    /// How many asterisks stand where YAML would read an alias.
    fileprivate var aliasMarks: Int {
        var count = 0
        var previous = UInt8(ascii: "\n")
        var isMark = false
        for byte in utf8 {
            let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
            if isMark, !isBlank { count += 1 }
            let opens =
                previous <= 0x20
                || [UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":")].contains(previous)
            isMark = byte == UInt8(ascii: "*") && opens
            previous = byte
        }
        return count
    }
}
