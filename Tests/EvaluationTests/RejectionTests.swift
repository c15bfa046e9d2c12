import BinderyEvaluation
import Testing

@Suite struct RejectionTests {
    let rejection = Rejection(confidences: [0.9, 0.2, 0.7, 0.7, 0.1], isRight: [true, false, true, false, true])

    @Test func drawsTheCurve() {
        #expect(rejection.curve.map(\.threshold) == [0.9, 0.7, 0.2, 0.1])
        #expect(rejection.curve.map(\.coverage) == [0.2, 0.6, 0.8, 1])
        #expect(rejection.curve.map(\.accuracy) == [1, 2.0 / 3, 0.5, 0.6])
        #expect(abs(rejection.areaUnderRisk - (0.4 / 3 + 0.2 * 0.5 + 0.2 * 0.4)) < 1e-12)
    }

    @Test func findsThresholds() {
        #expect(rejection.threshold(accuracy: 0.9)?.threshold == 0.9)
        #expect(rejection.threshold(accuracy: 0.55)?.threshold == 0.1)
        #expect(rejection.threshold(accuracy: 1.1) == nil)
        #expect(rejection.threshold(coverage: 0.5)?.threshold == 0.7)
    }

    @Test func aThresholdChosenElsewhere() {
        #expect(rejection.at(threshold: 0.5).coverage == 0.6)
        #expect(rejection.at(threshold: 0.5).accuracy == 2.0 / 3)
        #expect(rejection.at(threshold: 1).coverage == 0)
        #expect(rejection.metrics["coverage_curve"]?.table?["coverage"] == .list([0.2, 0.6, 0.8, 1]))
    }
}
