import BinderyTensors

/// A batch of texts as the network reads it: ids in a rectangle, and which of them are padding.
struct TextRows: Sendable {
    /// B rows of T ids, one after another.
    let ids: [Int]
    /// How many ids of each row belong to its text.
    let counts: [Int]
    /// T.
    let length: Int

    init(_ rows: [[Int]], padding: Int) {
        let length = max(rows.lazy.map(\.count).max() ?? 0, 1)
        var ids: [Int] = []
        ids.reserveCapacity(rows.count * length)
        for row in rows {
            ids += row
            ids += repeatElement(padding, count: length - row.count)
        }
        self.ids = ids
        self.length = length
        counts = rows.map(\.count)
    }

    /// B.
    var count: Int { counts.count }

    /// -∞ on padding and 0 elsewhere, [B, 1, 1, T]; nil when nothing is padding.
    var mask: Tensor? {
        guard counts.contains(where: { $0 < length }) else { return nil }
        return Tensor(shape: [count, 1, 1, length]) { target in
            for index in target.indices { target[index] = index % length < counts[index / length] ? 0 : -.infinity }
        }
    }

    /// -∞ on everything that stands behind a `padding`, and 0 elsewhere, with one column for a token behind each text:
    /// [B, 1, 1, T + 1].
    ///
    /// CoCa's published weights learned with this mask, which is one column off.
    func maskBehind(_ padding: Int) -> Tensor {
        Tensor(shape: [count, 1, 1, length + 1]) { target in
            for index in target.indices {
                let (row, column) = (index / (length + 1), index % (length + 1))
                target[index] = column > 0 && ids[row * length + column - 1] == padding ? -.infinity : 0
            }
        }
    }

    /// What makes the mean over each text out of a product: [B, 1, T].
    var weights: Tensor {
        Tensor(shape: [count, 1, length]) { target in
            for index in target.indices {
                let count = counts[index / length]
                target[index] = index % length < count ? 1 / Float(count) : 0
            }
        }
    }

    /// RoBERTa's positions: they begin after the row of the padding, and padding does not count, wherever it stands.
    func positions(skipping padding: Int) -> [Int] {
        var position = padding
        return ids.indices.map { index in
            if index % length == 0 { position = padding }
            guard ids[index] != padding else { return padding }
            position += 1
            return position
        }
    }

    /// The place of the token that stands for each text, counted from the text's first.
    func pooled(_ pooling: TextShape.Pooling, end: Int) -> [Int] {
        (0..<count).map { row in
            let text = Array(ids[row * length..<row * length + max(counts[row], 1)])
            switch pooling {
            case .mean, .first, .pooler: return 0
            case .last: return text.count - 1
            case .largest: return text.firstIndex(of: text.max() ?? 0) ?? 0
            case .end: return text.firstIndex(of: end) ?? 0
            case .counted: return max(text.count { $0 != 0 } - 1, 0)
            case .added: return length
            }
        }
    }
}
