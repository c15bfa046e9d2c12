import BinderyLayers
import Foundation

extension Config {
    /// The tree as JSON on several lines, keys sorted; numbers that are not whole by nature keep their point (`4.0`), which
    /// readers that check types ask for.
    func json(indent: String = "") -> String {
        let deeper = indent + "  "
        switch self {
        case .map(let map) where !map.isEmpty:
            let entries = map.sorted { $0.key < $1.key }
                .map { "\(deeper)\(Config.quoted($0.key)): \($0.value.json(indent: deeper))" }
            return "{\n" + entries.joined(separator: ",\n") + "\n\(indent)}"
        case .map: return "{}"
        case .list(let list): return "[" + list.map { $0.json(indent: deeper) }.joined(separator: ", ") + "]"
        case .text(let text): return Config.quoted(text)
        case .number(let number): return number.isFinite ? "\(number)" : "null"
        case .integer(let integer): return "\(integer)"
        case .bool(let bool): return "\(bool)"
        case .null: return "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
