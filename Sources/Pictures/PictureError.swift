/// Why there is no picture.
public enum PictureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be opened, is no file, or has more bytes than any picture.
    case unreadable(source: String, reason: String)
    /// The bytes are neither JPEG nor PNG.
    case unknownFormat(source: String, looksLike: String)
    /// The bytes begin as a picture and then break the rules of their format.
    case damaged(source: String, format: String, reason: String)
    /// The header announces more pixels than the limit.
    case tooLarge(source: String, width: Int, height: Int, limit: Int)
    /// The file holds fewer pictures than asked for.
    case noSuchItem(source: String, item: Int, count: Int)

    /// One sentence: what, where, and what to do next.
    public var description: String {
        switch self {
        case .unreadable(let source, let reason):
            "\(source) cannot be read: \(reason)"
        case .unknownFormat(let source, let looksLike):
            "\(source) is not a JPEG or PNG picture, it looks like \(looksLike); convert it to one of the two"
        case .damaged(let source, let format, let reason):
            "\(source) is a damaged \(format) file: \(reason); get it again or leave it out"
        case .tooLarge(let source, let width, let height, let limit):
            "\(source) has \(width) × \(height) pixels, more than the \(limit) allowed; make it smaller first"
        case .noSuchItem(let source, let item, let count):
            "\(source) has no item \(item), only \(count) items counted from 0"
        }
    }
}
