import BinderyTensors
import Testing

@testable import BinderyEvaluation

@Suite struct MultiLabelTests {
    @Test func agreesWithScikitLearn() throws {
        let golden = try ScikitGolden.load()
        let labels = (0..<40).map { item in (0..<3).filter { golden.shown[item * 3 + $0] == 1 } }
        let judged = MultiLabel(scores: Tensor(golden.scores, [40, 3]), labels: labels)
        for label in 0..<3 {
            #expect(abs((judged.precisions[label] ?? 0) - golden.precisions[label]) < 1e-9)
            #expect(abs((judged.areas[label] ?? 0) - golden.areas[label]) < 1e-9)
        }
        #expect(abs(judged.meanAveragePrecision - golden.precisions.reduce(0, +) / 3) < 1e-9)
    }

    @Test func leavesOutClassesThatNothingShows() {
        let judged = MultiLabel(scores: Tensor([1, 0, 0, 1], [2, 2]), labels: [[0], []])
        #expect(judged.precisions == [1, nil])
        #expect(judged.areas == [1, nil])
        #expect(judged.meanAveragePrecision == 1)
    }

    @Test func drawnItemsCountAsOftenAsTheyAreDrawn() {
        let scores = [0.9, 0.4, 0.4, 0.1, 0.7]
        let isPositive = [true, false, true, true, false]
        let counts: [Int32] = [2, 1, 3, 0, 1]
        let drawn = counts.indices.flatMap { repeatElement($0, count: Int(counts[$0])) }
        let plain = BinaryRanking(scores: drawn.map { scores[$0] }, isPositive: drawn.map { isPositive[$0] })
        let found = counts.withUnsafeBufferPointer {
            BinaryRanking(scores: scores, isPositive: isPositive).drawn($0)
        }
        #expect(found.averagePrecision == plain.averagePrecision && found.area == plain.area)
        let none = [Int32](repeating: 0, count: 5)
        #expect(
            none.withUnsafeBufferPointer {
                BinaryRanking(scores: scores, isPositive: isPositive).drawn($0).area
            } == nil)
    }

    @Test func chanceIsHowOftenAClassIsShown() throws {
        let judged = MultiLabel(
            scores: Tensor([0.9, 0.2, 0.8, 0.1, 0.3, 0.7, 0.1, 0.6], [4, 2]), labels: [[0], [0, 1], [], [1]])
        let metrics = judged.metrics(["dog", "rain"])
        #expect(metrics["mAP_chance"] == .number(0.5))
        // The dog's items come first and second; the rain's second and fourth.
        #expect(metrics["per_class_ap"]?.table == ["dog": .number(1), "rain": .number(0.5)])
        #expect(metrics["mAP"] == .number(0.75))
        #expect(try #require(metrics["mAP_ci95"]?.interval).low < 0.75)
    }
}
