public import BinderyTensors

/// How well classes are named that training left out, beside those it had.
///
/// Among themselves, which is easier than life, and among all classes, where what was learned pulls answers its way
/// (generalised zero-shot; Xian and others 2019, section 4).
public struct Unseen: Sendable {
    /// For every item of an unseen class, 1 where it was named right among these classes alone; of several runs, their mean.
    public let hitsAmongThemselves: [Double]
    /// For every item of an unseen class, 1 where it was named right among all classes; of several runs, their mean.
    public let unseenHits: [Double]
    /// For every item of the other classes, 1 where it was named right among all classes; of several runs, their mean.
    public let seenHits: [Double]
    /// The harmonic mean of both accuracies among all classes, 0 when one of them is; of several runs, the mean of theirs.
    public let harmonicMean: Double
    /// How many classes are unseen.
    private let classes: Int

    /// Judges `cosines` [items, classes]; `unseen` are the numbers of the classes that training left out, whose cosines may be raised.
    ///
    /// Traps unless they are classes, and unless both they and the others have items.
    public init(cosines: Tensor, labels: [Int], unseen: [Int], raisedBy raise: Float = 0) {
        let classes = cosines.shape[1]
        let places = Dictionary(zip(unseen, 0...)) { first, _ in first }
        let own = labels.indices.filter { places[labels[$0]] != nil }
        precondition(
            unseen.allSatisfy((0..<classes).contains) && !own.isEmpty && own.count < labels.count,
            "Unseen: classes \(unseen) of \(classes), \(own.count) of \(labels.count) items")
        let values = cosines.values
        let among = own.flatMap { item in unseen.map { values[item * classes + $0] } }
        hitsAmongThemselves = Classification(
            scores: Tensor(among, [own.count, unseen.count]), labels: own.compactMap { places[labels[$0]] }
        ).hits()
        var raised = values
        for item in labels.indices { for name in unseen { raised[item * classes + name] += raise } }
        let hits = Classification(scores: Tensor(raised, cosines.shape), labels: labels).hits()
        unseenHits = own.map { hits[$0] }
        seenHits = labels.indices.filter { places[labels[$0]] == nil }.map { hits[$0] }
        let (a, b) = (unseenHits.mean, seenHits.mean)
        harmonicMean = a + b > 0 ? 2 * a * b / (a + b) : 0
        self.classes = unseen.count
    }

    /// Runs judged on the same items, averaged item by item; traps unless there is one.
    public init(meanOf runs: [Unseen]) {
        hitsAmongThemselves = runs.map(\.hitsAmongThemselves).columnMeans
        unseenHits = runs.map(\.unseenHits).columnMeans
        seenHits = runs.map(\.seenHits).columnMeans
        harmonicMean = runs.map(\.harmonicMean).mean
        classes = runs[0].classes
    }

    /// By how much the unseen classes' cosines are to be raised so that a share of other items goes to them
    /// (calibrated stacking; Chao and others 2016).
    ///
    /// `cosines` [items, classes] are of items of the other classes; traps when there are none, or all classes are unseen.
    public static func raise(_ cosines: Tensor, unseen: [Int], cost share: Double) -> Float {
        let (items, classes) = (cosines.shape[0], cosines.shape[1])
        let seen = Set(0..<classes).subtracting(unseen)
        precondition(items > 0 && !unseen.isEmpty && !seen.isEmpty, "Unseen: nothing to compare")
        let values = cosines.values
        let leads = (0..<items).map { item in
            func best(_ names: some Sequence<Int>) -> Float { names.map { values[item * classes + $0] }.max() ?? 0 }
            return Double(best(seen) - best(unseen))
        }
        return Float(leads.sorted().quantile(share))
    }

    /// `unseen_among_unseen_acc1` with its chance, `unseen_acc1`, `seen_acc1`, `harmonic_mean`.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics: Metrics = ["harmonic_mean": .number(harmonicMean)]
        metrics.add("unseen_among_unseen_acc1", meanOf: hitsAmongThemselves, bootstrap)
        metrics["unseen_among_unseen_acc1_chance"] = .number(1 / Double(classes))
        metrics.add("unseen_acc1", meanOf: unseenHits, bootstrap)
        metrics.add("seen_acc1", meanOf: seenHits, bootstrap)
        return metrics
    }
}
