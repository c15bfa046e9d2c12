import BinderyEvaluation
import Foundation
import Testing

@Suite struct BootstrapTests {
    /// For many items the interval of a mean is mean ± 1.96 · deviation / √n, whatever the draws.
    @Test(arguments: [0.1, 0.5, 0.8]) func agreesWithTheNormalIntervalOfAShare(_ share: Double) {
        let values = (0..<400).map { Double($0) < share * 400 ? 1.0 : 0 }
        let interval = Bootstrap(resamples: 4000).interval(ofMean: values)
        let half = 1.96 * (share * (1 - share) / 400).squareRoot()
        #expect(abs(interval.low - (share - half)) < 0.15 * half)
        #expect(abs(interval.high - (share + half)) < 0.15 * half)
    }

    @Test func repeatsForEqualSeedsOnly() {
        var numbers = Numbers(1)
        let values = (0..<50).map { _ in Double(numbers.next()) }
        #expect(Bootstrap(seed: 3).interval(ofMean: values) == Bootstrap(seed: 3).interval(ofMean: values))
        #expect(Bootstrap(seed: 3).interval(ofMean: values) != Bootstrap(seed: 4).interval(ofMean: values))
    }

    @Test func certainValuesHaveNoWidth() {
        #expect(Bootstrap().interval(ofMean: [1, 1, 1]) == Interval(1, 1))
        #expect(Bootstrap().interval(ofMean: [0.25]) == Interval(0.25, 0.25))
    }

    @Test func pairingRemovesWhatIsHardForBoth() {
        let a = (0..<200).map { Double($0 % 2) }
        let b = (0..<200).map { $0 < 10 ? 0 : Double($0 % 2) }
        let paired = Bootstrap().interval(ofDifference: a, b)
        #expect(paired.low > 0 && paired.high < 0.06)
        let apart = Bootstrap().interval(ofDifference: a, b.reversed())
        #expect(apart.high - apart.low > 2 * (paired.high - paired.low))
    }

    @Test func anyStatisticGetsTheCountsOfADraw() {
        let interval = Bootstrap(resamples: 100).interval(items: 7) { Double($0.reduce(0, +)) }
        #expect(interval == Interval(7, 7))
    }
}
