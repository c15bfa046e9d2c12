import BinderyTensors
import TestSupport
import Testing

@Suite struct GatherTests {
    @Test func rowsComeInTheOrderAskedForAndGradientsAddUp() {
        let x = Tensor((0..<8).map(Float.init), [4, 2])
        #expect(x.gather(rows: [3, 0, 3]).values == [6, 7, 0, 1, 6, 7])
        #expect(x.gather(rows: []).shape == [0, 2])
        let leaf = x.tracked()
        #expect(leaf.gather(rows: [3, 0, 3]).sum().backward()[leaf]?.values == [1, 1, 0, 0, 0, 0, 2, 2])
        expectGradient(at: [x]) { $0[0].gather(rows: [1, 1, 2]).square() }
        expectGradient(at: [Tensor.varied([3, 2, 2])]) { $0[0].gather(rows: [2, 0, 2, 2]).square() }
        expectGradient(at: [Tensor.varied([5])]) { $0[0].gather(rows: [4, 4]).square() }
    }
}
