import BinderyTensors
import TestSupport
import Testing

@testable import BinderyEvaluation

@Suite struct SpreadTests {
    @Test func orthogonalVectorsFillTheirSpace() {
        let spread = Spread(Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]))
        #expect(abs(spread.meanCosine) < 1e-6)
        #expect(abs(spread.effectiveRank - 2) < 1e-4)
        #expect(spread.fullRank == 2)
    }

    @Test func equalVectorsFillNothing() {
        let spread = Spread(Tensor([0.6, 0.8, 0.6, 0.8, 0.6, 0.8], [3, 2]))
        #expect(abs(spread.meanCosine - 1) < 1e-6)
        #expect(spread.effectiveRank < 0.1)
    }

    @Test func eigenvaluesAreThoseOfTheMatrix() {
        // Ones everywhere: one eigenvalue of the size, the others 0; and a known 2 × 2.
        expectClose(Spread.eigenvalues([Double](repeating: 1, count: 16), 4).sorted().map(Float.init), [0, 0, 0, 4])
        expectClose(Spread.eigenvalues([2, 1, 1, 2], 2).sorted().map(Float.init), [1, 3])
    }
}
