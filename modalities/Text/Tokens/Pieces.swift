/// A normalised text and where it is cut: the model sees each range by itself.
struct Pieces: Sendable {
    var text: Scalars
    var ranges: [Range<Int>]
    /// Whether this part begins the whole text (no special token stands before it).
    let isFirst: Bool

    init(_ text: Scalars, isFirst: Bool = true) {
        self.text = text
        self.isFirst = isFirst
        ranges = text.isEmpty ? [] : [text.indices]
    }

    /// Cuts every range once more: `cut` appends the parts of one range that are kept.
    mutating func cut(_ cut: (ArraySlice<Unicode.Scalar>, inout [Range<Int>]) -> Void) {
        var parts: [Range<Int>] = []
        parts.reserveCapacity(max(ranges.count, text.count / 4))
        for range in ranges { cut(text[range], &parts) }
        ranges = parts
    }

    /// Rewrites the text of every range.
    mutating func rewrite(_ rewrite: (ArraySlice<Unicode.Scalar>, inout Scalars) -> Void) {
        var result: Scalars = []
        result.reserveCapacity(text.count + text.count / 2)
        for index in ranges.indices {
            let start = result.count
            rewrite(text[ranges[index]], &result)
            ranges[index] = start..<result.count
        }
        text = result
    }
}
