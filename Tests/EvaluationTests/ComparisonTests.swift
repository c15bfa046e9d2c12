import BinderyEvaluation
import BinderyTensors
import Testing

@Suite struct ComparisonTests {
    /// Six items of two classes; the templates of a run name so many of them right.
    private func run(_ right: [Int]) -> ZeroShot {
        let labels = [0, 1, 0, 1, 0, 1]
        // Each template has coordinates of its own, so that each can be right or wrong by itself.
        let width = right.count * 2
        let items = labels.indices.flatMap { item in
            right.indices.flatMap { template -> [Float] in
                let isRight = item < right[template]
                return (0..<2).map { ($0 == labels[item]) == isRight ? 1 : 0 }
            }
        }
        let prompts = right.indices.flatMap { template in
            (0..<2).flatMap { label in (0..<width).map { $0 == template * 2 + label ? Float(1) : 0 } }
        }
        return ZeroShot(
            items: Tensor(items, [6, width]).l2Normalized(), prompts: Tensor(prompts, [right.count * 2, width]),
            templates: right.indices.map { "\($0) {}" }, labels: labels)
    }

    @Test func averagesRunsAndPairsDifferences() throws {
        let compared = Comparison([run([6]), run([3])], against: [run([0])])
        #expect(compared.accuracies == [1, 0.5])
        #expect(abs(compared.mean.value - 0.75) < 1e-12)
        let difference = try #require(compared.fromOthers)
        #expect(abs(difference.value - 0.75) < 1e-12)
        // Per item 1 or 1/2 above: the paired interval lies within.
        #expect(difference.interval.low >= 0.5 && difference.interval.high <= 1)
        #expect(compared.metrics["difference"]?.number == difference.value)
        #expect(compared.metrics["others_acc1"] == .number(0))
    }

    @Test func anEqualRunDiffersByNothing() throws {
        let compared = Comparison([run([4, 2])], against: [run([4, 2])])
        let difference = try #require(compared.fromOthers)
        #expect(difference.value == 0 && difference.interval == Interval(0, 0))
        #expect(compared.templatesFromOthers.allSatisfy { $0.interval == Interval(0, 0) })
        #expect(compared.metrics["per_template_less_ensemble"]?.table?.count == 2)
        #expect(difference.words == "+0.0 (+0.0 to +0.0)")
    }
}
