/// How well scores separate what belongs from what does not.
public struct BinaryRanking: Sendable {
    /// Σ (recall step · precision) over falling thresholds; nil when nothing belongs.
    public let averagePrecision: Double?
    /// The chance that something that belongs scores higher than something that does not, equal scores counting half
    /// (Mann and Whitney 1947); nil when there is only one kind.
    public let area: Double?
    private let items: [Item]

    /// Items by falling score.
    private struct Item {
        let number: Int
        let score: Double
        let isPositive: Bool
    }

    /// Judges one score per item; traps unless there are as many of both.
    public init(scores: [Double], isPositive: [Bool]) {
        precondition(
            scores.count == isPositive.count, "BinaryRanking: \(scores.count) scores, \(isPositive.count) items")
        items = scores.indices.sorted { scores[$0] > scores[$1] }
            .map { Item(number: $0, score: scores[$0], isPositive: isPositive[$0]) }
        (averagePrecision, area) = Self.judge(items) { _ in 1 }
    }

    /// The same where each item was drawn so many times.
    func drawn(_ counts: UnsafeBufferPointer<Int32>) -> (averagePrecision: Double?, area: Double?) {
        Self.judge(items) { Int(counts[$0]) }
    }

    private static func judge(
        _ items: [Item], _ count: (Int) -> Int
    ) -> (averagePrecision: Double?, area: Double?) {
        var (precision, area) = (0.0, 0.0)
        var (hits, misses, place) = (0, 0, 0)
        while place < items.count {
            var equal = (hits: 0, misses: 0)
            let score = items[place].score
            repeat {
                let times = count(items[place].number)
                if items[place].isPositive { equal.hits += times } else { equal.misses += times }
                place += 1
            } while place < items.count && !(items[place].score < score)
            area += Double(equal.misses) * (Double(hits) + Double(equal.hits) / 2)
            hits += equal.hits
            misses += equal.misses
            if equal.hits > 0 { precision += Double(equal.hits) * Double(hits) / Double(hits + misses) }
        }
        return (
            hits == 0 ? nil : precision / Double(hits),
            hits == 0 || misses == 0 ? nil : area / (Double(hits) * Double(misses))
        )
    }
}
