import BinderyEvaluation
import BinderyTensors
import Testing

@Suite struct ClassificationTests {
    @Test(arguments: [(1, 1), (7, 3), (50, 10)])
    func agreesWithSorting(_ items: Int, _ classes: Int) {
        var numbers = Numbers(5)
        let scores = numbers.tensor(items, classes)
        let labels = numbers.labels(items, below: classes)
        let judged = Classification(scores: scores, labels: labels)
        let orders = rows(scores).map { row in row.indices.sorted { row[$0] > row[$1] } }
        #expect(judged.predictions == orders.map { $0[0] })
        for top in [1, 2, 5] {
            let hits = zip(orders, labels).count { $0.prefix(top).contains($1) }
            #expect(abs(judged.accuracy(top: top) - Double(hits) / Double(items)) < 1e-12)
        }
        let recalls = (0..<classes).compactMap { label -> Double? in
            let own = labels.indices.filter { labels[$0] == label }
            guard !own.isEmpty else { return nil }
            return Double(own.count { orders[$0][0] == label }) / Double(own.count)
        }
        #expect(judged.recalls.compactMap(\.self) == recalls)
        #expect(abs(judged.meanPerClassRecall - recalls.reduce(0, +) / Double(recalls.count)) < 1e-12)
    }

    @Test func takesTheFirstOfEquals() {
        let judged = Classification(scores: Tensor.zeros([3, 4]), labels: [0, 1, 3])
        #expect(judged.predictions == [0, 0, 0])
        #expect(judged.ranks == [0, 1, 3])
    }

    @Test func whatIsNotANumberIsNeverRight() {
        let judged = Classification(scores: Tensor([.nan, .nan, .nan, 1, 0, .nan], [2, 3]), labels: [0, 2])
        #expect(judged.ranks == [2, 2])
    }

    @Test func countsConfusions() {
        let judged = Classification(predictions: [0, 1, 1, 2, 1, 0], labels: [0, 0, 0, 2, 2, 1], classes: 4)
        #expect(judged.confusion.counts == [[1, 2, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
        let worst = judged.confusion.mistakes(most: 2)
        #expect(worst.map(\.count) == [2, 1])
        #expect(worst.map(\.right) == [0, 1])
        #expect(judged.recalls == [1.0 / 3, 0, 0.5, nil])
    }

    @Test func namesItsMetrics() {
        var numbers = Numbers(2)
        let judged = Classification(scores: numbers.tensor(40, 8), labels: numbers.labels(40, below: 8))
        let metrics = judged.metrics()
        #expect(
            metrics.keys.sorted() == [
                "acc1", "acc1_ci95", "acc5", "acc5_ci95", "mean_per_class_recall", "mean_per_class_recall_ci95",
            ])
        for name in ["acc1", "acc5", "mean_per_class_recall"] {
            guard let value = metrics[name]?.number, let interval = metrics["\(name)_ci95"]?.interval else {
                Issue.record("\(name) is missing")
                continue
            }
            #expect(interval.low <= value && value <= interval.high && interval.low < interval.high)
        }
    }
}
