public import BinderyTensors

/// How well scores name the class of each item.
public struct Classification: Sendable {
    /// The right class of every item.
    public let labels: [Int]
    /// How many classes there are.
    public let classes: Int
    /// The class with the highest score, the first of equals.
    public let predictions: [Int]
    /// How many classes score higher than the right one; of equal scores the earlier class counts as higher.
    public let ranks: [Int]

    /// Judges `scores` [items, classes]; traps unless there is one label per item, each the number of a class.
    public init(scores: Tensor, labels: [Int]) {
        precondition(
            scores.rank == 2 && scores.shape[0] == labels.count,
            "Classification: scores \(scores.shape) for \(labels.count) labels")
        let classes = scores.shape[1]
        precondition(labels.allSatisfy((0..<classes).contains), "Classification: a label outside 0 ..< \(classes)")
        self.labels = labels
        self.classes = classes
        var predictions: [Int] = []
        var ranks: [Int] = []
        scores.read { scores in
            for (item, label) in labels.enumerated() {
                let row = UnsafeBufferPointer(rebasing: scores[item * classes..<(item + 1) * classes])
                predictions.append(row.indexOfMaximum)
                ranks.append(row.rank(of: label))
            }
        }
        self.predictions = predictions
        self.ranks = ranks
    }

    /// Judges predictions alone; a wrong one counts as last.
    public init(predictions: [Int], labels: [Int], classes: Int) {
        precondition(predictions.count == labels.count, "Classification: as many predictions as labels")
        precondition(labels.allSatisfy((0..<classes).contains), "Classification: a label outside 0 ..< \(classes)")
        self.labels = labels
        self.classes = classes
        self.predictions = predictions
        ranks = zip(predictions, labels).map { $0 == $1 ? 0 : classes - 1 }
    }

    /// 1 for every item whose class is among the `top` highest scores, 0 for the others.
    public func hits(top: Int = 1) -> [Double] { ranks.map { $0 < top ? 1 : 0 } }

    /// The share of items whose class is among the `top` highest scores.
    public func accuracy(top: Int = 1) -> Double { hits(top: top).mean }

    /// The share of each class's items that were named right, nil for classes without items.
    public var recalls: [Double?] {
        confusion.counts.enumerated().map { label, row in
            let items = row.reduce(0, +)
            return items == 0 ? nil : Double(row[label]) / Double(items)
        }
    }

    /// The mean of `recalls` over the classes that have items.
    public var meanPerClassRecall: Double { recalls.compactMap(\.self).mean }

    /// How often each class was taken for each.
    public var confusion: ConfusionMatrix {
        ConfusionMatrix(labels: labels, predictions: predictions, classes: classes)
    }

    /// `acc1`, `acc5` and `mean_per_class_recall`, each with its interval.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics: Metrics = [:]
        metrics.add("acc1", meanOf: hits(), bootstrap)
        metrics.add("acc5", meanOf: hits(top: 5), bootstrap)
        metrics["mean_per_class_recall"] = .number(meanPerClassRecall)
        metrics["mean_per_class_recall_ci95"] = .interval(recallInterval(bootstrap))
        return metrics
    }

    private func recallInterval(_ bootstrap: Bootstrap) -> Interval {
        let (labels, ranks, classes) = (labels, ranks, classes)
        return bootstrap.interval(items: labels.count) { counts in
            withUnsafeTemporaryAllocation(of: (right: Int, all: Int).self, capacity: classes) { tallies in
                tallies.initialize(repeating: (0, 0))
                for item in counts.indices {
                    tallies[labels[item]].all += Int(counts[item])
                    if ranks[item] == 0 { tallies[labels[item]].right += Int(counts[item]) }
                }
                let drawn = tallies.filter { $0.all > 0 }
                return drawn.reduce(0) { $0 + Double($1.right) / Double($1.all) } / Double(drawn.count)
            }
        }
    }
}

/// How often items of each class were taken for each class.
public struct ConfusionMatrix: Hashable, Sendable {
    /// `counts[right][taken]`.
    public let counts: [[Int]]

    /// Counts; traps when a label or prediction is not the number of a class.
    public init(labels: [Int], predictions: [Int], classes: Int) {
        var counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
        self.counts = counts
    }

    /// The most frequent mistakes, most frequent first.
    public func mistakes(most: Int) -> [(right: Int, taken: Int, count: Int)] {
        let all = counts.enumerated().flatMap { right, row in
            row.enumerated().compactMap { taken, count in
                taken == right || count == 0 ? nil : (right: right, taken: taken, count: count)
            }
        }
        return Array(all.sorted { ($1.count, $0.right, $0.taken) < ($0.count, $1.right, $1.taken) }.prefix(most))
    }
}

extension UnsafeBufferPointer<Float> {
    /// The first place of the highest value; traps when there is none.
    var indexOfMaximum: Int {
        var best = 0
        for index in 1..<Swift.max(count, 1) where self[index] > self[best] { best = index }
        return best
    }

    /// How many values are higher than the one at `index`, and equal ones before it; last when it is not a number.
    func rank(of index: Int) -> Int {
        let value = self[index]
        guard !value.isNaN else { return count - 1 }
        var rank = 0
        for other in indices where self[other] > value || (self[other] == value && other < index) { rank += 1 }
        return rank
    }

    /// The places of the `k` highest values, highest first, the earlier of equals first.
    func top(_ k: Int) -> [Int] {
        var best: [Int] = []
        best.reserveCapacity(k + 1)
        for index in indices {
            if best.count == k, let last = best.last, !(self[index] > self[last]) { continue }
            var place = best.count
            while place > 0, self[index] > self[best[place - 1]] { place -= 1 }
            best.insert(index, at: place)
            if best.count > k { best.removeLast() }
        }
        return best
    }
}
