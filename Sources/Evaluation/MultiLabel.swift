public import BinderyTensors

/// How well scores rank the items that show a class, for items that may show several.
public struct MultiLabel: Sendable {
    /// The average precision of each class, nil for classes that no item shows.
    public let precisions: [Double?]
    /// The area under the receiver operating characteristic of each class, nil where it is not defined.
    public let areas: [Double?]

    /// Judges `scores` [items, classes]; `labels` holds the classes that each item shows.
    ///
    /// Traps unless there is one list per item, of numbers of classes.
    public init(scores: Tensor, labels: [[Int]]) {
        precondition(
            scores.rank == 2 && scores.shape[0] == labels.count,
            "MultiLabel: scores \(scores.shape), \(labels.count) items")
        let classes = scores.shape[1]
        let shown = labels.map(Set.init)
        precondition(
            shown.allSatisfy { $0.allSatisfy((0..<classes).contains) }, "MultiLabel: a label outside 0 ..< \(classes)")
        let values = scores.values
        let columns = (0..<classes).map { column in
            BinaryRanking(
                scores: labels.indices.map { Double(values[$0 * classes + column]) },
                isPositive: shown.map { $0.contains(column) })
        }
        precisions = columns.map(\.averagePrecision)
        areas = columns.map(\.area)
    }

    /// The mean over the classes that some item shows.
    public var meanAveragePrecision: Double { precisions.compactMap(\.self).mean }

    /// The mean over the classes where it is defined.
    public var meanArea: Double { areas.compactMap(\.self).mean }
}

/// How well scores separate what belongs from what does not.
public struct BinaryRanking: Sendable {
    /// Σ (recall step · precision) over falling thresholds; nil when nothing belongs.
    public let averagePrecision: Double?
    /// The chance that something that belongs scores higher than something that does not, equal scores counting half
    /// (Mann and Whitney 1947); nil when there is only one kind.
    public let area: Double?

    /// Judges one score per item; traps unless there are as many of both.
    public init(scores: [Double], isPositive: [Bool]) {
        precondition(
            scores.count == isPositive.count, "BinaryRanking: \(scores.count) scores, \(isPositive.count) items")
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        let positives = isPositive.count { $0 }
        let negatives = isPositive.count - positives
        var (precision, area) = (0.0, 0.0)
        var (hits, misses, place) = (0, 0, 0)
        while place < order.count {
            var equal = (hits: 0, misses: 0)
            let score = scores[order[place]]
            repeat {
                if isPositive[order[place]] { equal.hits += 1 } else { equal.misses += 1 }
                place += 1
            } while place < order.count && !(scores[order[place]] < score)
            area += Double(equal.misses) * (Double(hits) + Double(equal.hits) / 2)
            hits += equal.hits
            misses += equal.misses
            precision += Double(equal.hits) * Double(hits) / Double(hits + misses)
        }
        averagePrecision = positives == 0 ? nil : precision / Double(positives)
        self.area = positives == 0 || negatives == 0 ? nil : area / (Double(positives) * Double(negatives))
    }
}
