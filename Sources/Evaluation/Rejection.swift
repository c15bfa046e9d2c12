/// Saying "none of these": what is gained when the least sure answers are withheld (Geifman and El-Yaniv 2017).
public struct Rejection: Sendable {
    /// What is left at one threshold.
    public struct Point: Hashable, Sendable {
        /// Answers at least this sure are given.
        public let threshold: Double
        /// The share of items that get an answer.
        public let coverage: Double
        /// The share of those answers that are right.
        public let accuracy: Double
    }

    /// One point for each distinct confidence, the surest first.
    public let curve: [Point]

    /// The curve of answers with a confidence each; traps unless there is one for each item.
    public init(confidences: [Double], isRight: [Bool]) {
        precondition(
            confidences.count == isRight.count, "Rejection: \(confidences.count) confidences, \(isRight.count) answers")
        let order = confidences.indices.sorted { confidences[$0] > confidences[$1] }
        var curve: [Point] = []
        var right = 0
        for (place, item) in order.enumerated() {
            if isRight[item] { right += 1 }
            let isLastOfEquals = place + 1 == order.count || confidences[order[place + 1]] < confidences[item]
            guard isLastOfEquals else { continue }
            curve.append(
                Point(
                    threshold: confidences[item], coverage: Double(place + 1) / Double(order.count),
                    accuracy: Double(right) / Double(place + 1)))
        }
        self.curve = curve
    }

    /// The threshold that answers the most items with at least the given accuracy; nil when none does.
    public func threshold(accuracy: Double) -> Point? { curve.last { $0.accuracy >= accuracy } }

    /// The threshold that answers at least the given share of the items, the strictest of those.
    public func threshold(coverage: Double) -> Point? { curve.first { $0.coverage >= coverage } }

    /// The mean error over all coverages; 0 is perfect.
    public var areaUnderRisk: Double {
        var (area, before) = (0.0, 0.0)
        for point in curve {
            area += (1 - point.accuracy) * (point.coverage - before)
            before = point.coverage
        }
        return area
    }
}
