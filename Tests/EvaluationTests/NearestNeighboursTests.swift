import BinderyEvaluation
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct NearestNeighboursTests {
    @Test(arguments: [1, 3, 20, 100]) func agreesWithSorting(_ k: Int) {
        var numbers = Numbers(8)
        let examples = numbers.tensor(40, 6).l2Normalized()
        let items = numbers.tensor(15, 6).l2Normalized()
        let labels = numbers.labels(40, below: 5)
        let scores = NearestNeighbours(examples: examples, labels: labels, classes: 5).scores(items, k: k)
        let expected = rows(items).flatMap { item -> [Float] in
            let cosines = rows(examples).map { dot(item, $0) }
            var votes = [Float](repeating: 0, count: 5)
            for example in cosines.indices.sorted(by: { cosines[$0] > cosines[$1] }).prefix(k) {
                votes[labels[example]] += exp(cosines[example] / 0.07)
            }
            return votes
        }
        expectClose(scores, Tensor(expected, [15, 5]), relative: 1e-5)
    }
}
