public import BinderyTensors

/// How well scores rank the items that show a class, for items that may show several.
public struct MultiLabel: Sendable {
    /// The average precision of each class, nil for classes that no item shows.
    public let precisions: [Double?]
    /// The area under the receiver operating characteristic of each class, nil where it is not defined.
    public let areas: [Double?]
    /// The share of items that show each class, what blind ranking would have as average precision.
    public let shares: [Double]
    private let columns: [BinaryRanking]
    private let count: Int

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
        count = labels.count
        shares = (0..<classes).map { column in shown.map { $0.contains(column) ? 1 : 0 }.mean }
        columns = (0..<classes).map { column in
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

    /// `mAP` with its interval and chance, `mean_auc` where some class has it, and `per_class_ap` by name; classes that no item
    /// shows are left out.
    public func metrics(_ names: [String], _ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        let known = names.indices.compactMap { place in precisions[place].map { (names[place], Metric.number($0)) } }
        var metrics: Metrics = [
            "mAP": .number(meanAveragePrecision), "mAP_ci95": .interval(interval(bootstrap)),
            "mAP_chance": .number(chance), "per_class_ap": .table(Dictionary(known) { first, _ in first }),
        ]
        if areas.contains(where: { $0 != nil }) { metrics["mean_auc"] = .number(meanArea) }
        return metrics
    }

    /// The page: both means, and every class that some item shows.
    public func report(
        _ title: String, _ names: [String], origin: Report.Origin, _ bootstrap: Bootstrap = Bootstrap()
    ) -> Report {
        let bars = names.indices.compactMap { place in
            precisions[place].map { precision in
                let items = Int((shares[place] * Double(count)).rounded())
                return Report.Bar(
                    names[place], precision, chance: shares[place], note: items == 1 ? "1 item" : "\(items) items")
            }
        }
        return Report(
            title, subtitle: "\(count) items, each of which may show several of \(names.count) classes.",
            figures: [
                .init("mean average precision", meanAveragePrecision, interval: interval(bootstrap), chance: chance),
                .init("mean area under the curve", meanArea, chance: 0.5),
            ],
            sections: [
                .init("Each class", note: "Average precision; the mark is what blind ranking would have.", .bars(bars))
            ], origin: origin)
    }

    private var chance: Double { zip(shares, precisions).compactMap { $1 == nil ? nil : $0 }.mean }

    private func interval(_ bootstrap: Bootstrap) -> Interval {
        let columns = columns
        return bootstrap.interval(items: count) { counts in
            columns.compactMap { $0.drawn(counts).averagePrecision }.mean
        }
    }
}
