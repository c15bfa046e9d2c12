import BinderyTensors
import Foundation
import Testing

@testable import BinderyBinding

/// Rows of a batch that belong together, and what that leaves of a loss.
@Suite struct BelongingTests {
    @Test func rowsBelongTogetherForAnyReason() {
        // The first and third share a text, the third and fifth a sound, the second and fourth a group.
        let groups = PairBatch.groups([[0, 1, 0, 2, 3], [0, 1, 2, 3, 2], [0, 1, 2, 1, 4]], count: 5)
        #expect(groups == [0, 1, 0, 1, 0])
        #expect(PairBatch.groups([], count: 3) == [0, 1, 2])
    }

    @Test func lossesStopAtTheFloor() {
        let rows = Tensor([1, 0, 0, 1, 0, 0, 0, 1, 0], [3, 3])
        let groups = [0, 0, 1]
        let floor = PairBatch.entropyFloor(groups)
        #expect(abs(floor - 2 * log(2) / 3) < 1e-12)
        let batch = PairBatch(a: rows, b: rows, scale: Tensor(50), groups: groups)
        #expect(abs(Double(MultiPositiveInfoNCE()(batch).item) - floor) < 1e-5)
        #expect(abs(Double(InfoNCE()(batch).item) - floor) < 1e-5)
        // Text that also stands nearer to one of its twins only loses by it.
        let leaning = Tensor([1, 0, 0, 0.8, 0, 0.6, 0, 1, 0], [3, 3])
        let worse = PairBatch(a: rows, b: leaning, scale: Tensor(50), groups: groups)
        #expect(Double(MultiPositiveInfoNCE()(worse).item) > floor + 1)
        #expect(PairBatch.entropyFloor([0, 1, 2]) == 0)
    }
}
