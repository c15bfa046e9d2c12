public import Foundation

/// One thing to embed: a text, a recording, a picture, a row of numbers.
public struct Item: Hashable, Sendable {
    /// Where the thing is.
    public enum Source: Hashable, Sendable {
        case text(String)
        case file(URL)
        /// Item `row` (from 0) of a file that holds many: an IDX file, an `.npy` array.
        case row(URL, Int)
        /// The contents of a file.
        case bytes(Data)
        /// Sound in memory: one channel at `rate` Hz.
        case samples([Float], rate: Double)
        /// Pictures side by side, sounds one after the other: each sound cut, or followed by silence, to `seconds` where
        /// they are given.
        indirect case joined([Item], seconds: Double?)
    }

    /// Where the thing is.
    public var source: Source
    /// The part that is meant, in seconds from the start; nil for all of it.
    public var range: Range<Double>?

    /// An item and the part of it that is meant.
    public init(_ source: Source, range: Range<Double>? = nil) {
        self.source = source
        self.range = range
    }

    /// A text.
    public static func text(_ text: String) -> Item { Item(.text(text)) }

    /// A file.
    public static func file(_ url: URL) -> Item { Item(.file(url)) }

    /// What a person writes: `path`, or `path#17` for item 17 of a file that holds many.
    ///
    /// A file whose name really ends so is taken as a file.
    public init(path: String, relativeTo folder: URL? = nil) {
        let url = { (path: String) in URL(filePath: path, relativeTo: folder).absoluteURL }
        if let mark = path.lastIndex(of: "#"), let row = Int(path[path.index(after: mark)...]), row >= 0,
            !FileManager.default.fileExists(atPath: url(path).path)
        {
            self.init(.row(url(String(path[..<mark])), row))
        } else {
            self.init(.file(url(path)))
        }
    }

    /// How to name the item in a sentence or a result.
    public var name: String {
        switch source {
        case .text(let text): text
        case .file(let url): url.path
        case .row(let url, let row): "\(url.path)#\(row)"
        case .bytes(let data): "\(data.count) bytes"
        case .samples(let samples, let rate): "\(samples.count) samples at \(rate) Hz"
        case .joined(let parts, _): parts.map(\.name).joined(separator: " + ")
        }
    }
}
