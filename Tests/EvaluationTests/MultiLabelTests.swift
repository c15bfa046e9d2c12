import BinderyEvaluation
import BinderyTensors
import Testing

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
}
