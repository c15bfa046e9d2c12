public import BinderyTensors

/// How well a linear layer does that saw only k examples of each class.
public struct FewShot: Sendable {
    /// The accuracies of the draws for every k.
    public let accuracies: [Int: [Double]]
    /// The numbers of shots for which some class has too few examples.
    public let skipped: [Int]

    /// For each of `shots`, draws so many examples of every class `draws` times, without repetition, fits a logistic
    /// regression to them, and names the test items.
    ///
    /// Equal seeds draw equal examples. Traps on mismatched counts.
    public init(
        features: Tensor, labels: [Int], test: Tensor, testLabels: [Int], classes: Int,
        shots: [Int] = [1, 2, 4, 8, 16], draws: Int = 10, c: Double = 1, seed: UInt64 = 0
    ) {
        precondition(
            features.rank == 2 && features.shape[0] == labels.count && test.shape[0] == testLabels.count,
            "FewShot: features \(features.shape) with \(labels.count) labels, \(test.shape) with \(testLabels.count)")
        var members = Array(repeating: [Int](), count: classes)
        for (item, label) in labels.enumerated() { members[label].append(item) }
        let fewest = members.filter { !$0.isEmpty }.map(\.count).min() ?? 0
        skipped = shots.filter { $0 > fewest || $0 < 1 }
        let source = RandomSource(seed: seed).split("few-shot")
        var accuracies: [Int: [Double]] = [:]
        for k in shots where k <= fewest && k > 0 {
            accuracies[k] = (0..<draws).map { draw in
                var random = source.split(UInt64(k)).split(UInt64(draw))
                let drawn = members.flatMap { members in
                    var members = members
                    random.shuffle(&members)
                    return members.prefix(k)
                }
                let regression = LogisticRegression(
                    features: features.gather(rows: drawn), labels: drawn.map { labels[$0] }, classes: classes, c: c)
                return regression.classification(test, labels: testLabels).accuracy()
            }
        }
        self.accuracies = accuracies
    }

    /// `k_shot`: for every k the mean and the deviation of the accuracy over the draws.
    public var metrics: Metrics {
        let table = accuracies.map { k, values in
            let mean = values.mean
            let variance = values.map { ($0 - mean) * ($0 - mean) }.mean
            return (String(k), Metric.list([mean, variance.squareRoot()]))
        }
        return ["k_shot": .table(Dictionary(uniqueKeysWithValues: table))]
    }

    /// The mean accuracy over the number of shots, with one deviation on either side.
    public var curves: Report.Curves {
        let means = accuracies.keys.sorted().map { k -> (x: Double, y: Double, deviation: Double) in
            let values = accuracies[k] ?? []
            let mean = values.mean
            return (Double(k), mean, values.map { ($0 - mean) * ($0 - mean) }.mean.squareRoot())
        }
        let line = Report.Curves.Line(
            "accuracy", means.map { (x: $0.x, y: $0.y) },
            band: means.map { Interval($0.y - $0.deviation, $0.y + $0.deviation) })
        return Report.Curves(
            x: "examples per class", y: "accuracy", [line], isLogarithmic: true, range: Interval(0, 1))
    }
}
