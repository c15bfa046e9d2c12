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

    /// What is left at a threshold that was chosen elsewhere, its coverage 0 when no answer is that sure.
    public func at(threshold: Double) -> Point {
        curve.last { $0.threshold >= threshold }.map {
            Point(threshold: threshold, coverage: $0.coverage, accuracy: $0.accuracy)
        } ?? Point(threshold: threshold, coverage: 0, accuracy: .nan)
    }

    /// `threshold`, `answered`, `answered_acc1` and `calibration_answered` of runs that each learned a threshold for `accuracy` on
    /// other items, averaged, with a list of the thresholds where there are several; nil when one finds none.
    public static func withholding(
        _ runs: [(learned: Rejection, judged: Rejection)], accuracy: Double
    ) -> Metrics? {
        let points = runs.compactMap { run in
            run.learned.threshold(accuracy: accuracy).map { ($0, run.judged.at(threshold: $0.threshold)) }
        }
        guard points.count == runs.count, let first = points.first else { return nil }
        // A threshold that nothing reaches has no accuracy.
        let answering = points.map(\.1).filter { $0.coverage > 0 }
        var metrics: Metrics = [
            "threshold": points.count == 1 ? .number(first.0.threshold) : .list(points.map(\.0.threshold)),
            "answered": .number(points.map(\.1.coverage).mean),
            "calibration_answered": .number(points.map(\.0.coverage).mean),
        ]
        if !answering.isEmpty { metrics["answered_acc1"] = .number(answering.map(\.accuracy).mean) }
        return metrics
    }

    /// The curve as `coverage` and `accuracy`, at most 101 points of it, and `area_under_risk`.
    public var metrics: Metrics {
        let shown = curve.count <= 101 ? curve : (0...100).map { curve[$0 * (curve.count - 1) / 100] }
        return [
            "area_under_risk": .number(areaUnderRisk),
            "coverage_curve": .table([
                "coverage": .list(shown.map(\.coverage)), "accuracy": .list(shown.map(\.accuracy)),
                "threshold": .list(shown.map(\.threshold)),
            ]),
        ]
    }

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
