import BinderyEvaluation
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct LogisticRegressionTests {
    /// Probabilities within 1e-3 of scikit-learn's: products are in single precision, and both stop near the optimum.
    @Test(arguments: ["0.01", "1.0", "100.0"]) func agreesWithScikitLearn(_ c: String) throws {
        let golden = try ScikitGolden.load()
        let strength = try #require(Double(c))
        let fit = LogisticRegression(
            features: Tensor(golden.features, [60, 5]), labels: golden.labels, classes: 3, c: strength)
        let scores = rows(fit.scores(Tensor(golden.test, [20, 5])))
        let probabilities = scores.flatMap { row -> [Float] in
            let powers = row.map { exp($0 - (row.max() ?? 0)) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
        expectClose(probabilities, try #require(golden.probabilities[c]), relative: 0, absolute: 1e-3)
    }

    @Test func separatesWhatIsSeparate() {
        let features = Tensor([0, 0, 0, 1, 5, 5, 5, 6, 9, 0, 9, 1], [6, 2])
        let fit = LogisticRegression(features: features, labels: [0, 0, 1, 1, 2, 2], classes: 3, c: 1e4)
        #expect(fit.classification(features, labels: [0, 0, 1, 1, 2, 2]).accuracy() == 1)
    }

    @Test func neverNamesAClassWithoutExamples() {
        let features = Tensor([0, 1, 2, 3], [4, 1])
        let fit = LogisticRegression(features: features, labels: [1, 1, 3, 3], classes: 5)
        #expect(fit.classification(features, labels: [1, 1, 3, 3]).predictions == [1, 1, 3, 3])
    }

    @Test func standsConstantColumnsAndOneClass() {
        let features = Tensor([3, 3, 3, 3], [2, 2])
        let fit = LogisticRegression(features: features, labels: [1, 1], classes: 2)
        #expect(fit.classification(features, labels: [1, 1]).accuracy() == 1)
    }
}

@Suite struct LinearProbeTests {
    @Test func choosesThePenaltyOnValidationItems() throws {
        var numbers = Numbers(4)
        // One column tells, forty are noise: a strong penalty generalises better than none.
        func make(_ count: Int) -> (Tensor, [Int]) {
            let labels = numbers.labels(count, below: 2)
            let values = labels.flatMap { label in
                [Float(label) * 2 + numbers.next()] + (0..<40).map { _ in numbers.next() }
            }
            return (Tensor(values, [count, 41]), labels)
        }
        let (train, validation, test) = (make(30), make(60), make(200))
        let probe = LinearProbe(
            features: train.0, labels: train.1, validation: validation.0, validationLabels: validation.1, classes: 2)
        #expect(probe.sweep.count >= 11)
        #expect(probe.sweep.first?.c == 1e-6 && probe.sweep.last?.c == 1e6)
        let best = probe.sweep.map(\.accuracy).max()
        #expect(probe.sweep.first { $0.c == probe.regression.c }?.accuracy == best)
        #expect(probe.sweep.contains { abs($0.c / probe.regression.c - pow(10, 0.125)) < 0.01 })
        #expect(probe.classification(test.0, labels: test.1).accuracy() > 0.8)
    }
}

@Suite struct FewShotTests {
    @Test func drawsSoManyOfEachClass() {
        // Every example tells its class, so any draw of at least one of each names all test items right.
        let labels = (0..<12).map { $0 % 3 }
        let features = Tensor(labels.flatMap { [Float($0 == 0 ? 1 : 0), Float($0 == 1 ? 1 : 0), 0.5] }, [12, 3])
        let found = FewShot(
            features: features, labels: labels, test: features, testLabels: labels, classes: 3, shots: [1, 4, 5, 0],
            draws: 3)
        #expect(found.skipped == [5, 0])
        #expect(found.accuracies == [1: [1, 1, 1], 4: [1, 1, 1]])
        #expect(found.metrics["k_shot"]?.table == ["1": .list([1, 0]), "4": .list([1, 0])])
    }

    @Test func moreShotsTellMoreAndSeedsRepeat() {
        var numbers = Numbers(9)
        let labels = numbers.labels(300, below: 2)
        let features = Tensor(
            labels.flatMap { label in (0..<4).map { _ in Float(label) * 0.8 + numbers.next() } }, [300, 4])
        let make = { (seed: UInt64) in
            FewShot(
                features: features, labels: labels, test: features, testLabels: labels, classes: 2, shots: [1, 64],
                draws: 8, seed: seed)
        }
        let found = make(0)
        let means = found.accuracies.mapValues { $0.reduce(0, +) / Double($0.count) }
        #expect((means[64] ?? 0) > (means[1] ?? 1))
        #expect(make(0).accuracies == found.accuracies)
        #expect(make(1).accuracies != found.accuracies)
    }
}
