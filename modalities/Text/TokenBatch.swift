/// Texts as rows of ids, each as long as it is: padding is the encoder's affair.
public struct TokenBatch: Sendable, Equatable {
    /// One row per text, special tokens included.
    public let ids: [[Int]]
    /// How many ids each text lost because it was longer than the limit; 0 where it is whole.
    public let truncated: [Int]

    /// A batch of rows that lost nothing, or what `truncated` says.
    public init(ids: [[Int]], truncated: [Int]? = nil) {
        self.ids = ids
        self.truncated = truncated ?? [Int](repeating: 0, count: ids.count)
    }

    /// The length of the longest row.
    public var longest: Int { ids.lazy.map(\.count).max() ?? 0 }

    /// The rows filled up with `padding` to `length` (the longest row when nil), one after another.
    public func padded(with padding: Int, to length: Int? = nil) -> [Int] {
        let length = max(length ?? 0, longest)
        var flat: [Int] = []
        flat.reserveCapacity(ids.count * length)
        for row in ids {
            flat += row
            flat += repeatElement(padding, count: length - row.count)
        }
        return flat
    }
}
