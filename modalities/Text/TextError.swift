import BinderyBinding
import Foundation

/// Why an item cannot be embedded as text.
public enum TextError: Error, Sendable, CustomStringConvertible {
    /// The item is of another kind.
    case notText(String)
    /// The bytes of the item are not UTF-8, or there are too many of them.
    case notReadable(String)
    /// The tokenizer gave an id beyond the rows of the token table.
    case unknownToken(Int, Int)

    /// One sentence and the next step.
    public var description: String {
        switch self {
        case .notText(let name): "\(name) is not a text; give the text itself, or a text file"
        case .notReadable(let name): "\(name) is not UTF-8 text of at most 16 MB; convert it first"
        case .unknownToken(let id, let rows):
            """
            the tokenizer gives id \(id) where the weights have \(rows) rows; take the tokenizer that was published with \
            the weights
            """
        }
    }
}

extension TextError {
    /// The text that an item holds.
    static func text(of item: Item) throws -> String {
        let data: Data?
        switch item.source {
        case .text(let text): return text
        case .bytes(let bytes): data = bytes
        case .file(let url):
            let size = try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize
            data = size.flatMap { $0 <= 16 << 20 ? try? Data(contentsOf: url) : nil }
        case .row, .samples, .joined: throw TextError.notText(item.name)
        }
        guard let data, data.count <= 16 << 20, let text = String(data: data, encoding: .utf8) else {
            throw TextError.notReadable(item.name)
        }
        return text
    }
}
