import BinderyTensors
import TestSupport
import Testing

@Suite struct GradientsTests {
    @Test func aHistoryOfAHundredThousandOperationsIsBuiltWalkedAndFreed() {
        let x = Tensor([0.5, 2], [2]).tracked()
        var y = x
        for _ in 0..<100_000 { y = y + 1 }
        #expect(y.sum().backward()[x]?.values == [1, 1])
        var z = x
        for _ in 0..<100_000 { z = z * 1 }
        #expect(z.values == x.values)
    }

    @Test func untrackedOperandsRecordNothing() {
        let (a, b) = (Tensor.varied([3]), Tensor.varied([3]).tracked())
        #expect(!(a * a).isTracked && (a * b).isTracked && !(a * b.detached()).isTracked)
        let found = (a * b).sum().backward()
        #expect(found[a] == nil && found[b]?.values == a.values)
    }

    @Test func aTensorUsedTwiceGetsTheSumOfBothGradients() {
        let x = Tensor.varied([4], seed: 71)
        expectGradient(at: [x]) { $0[0] * $0[0] + $0[0] }
        expectGradient(at: [x, x * 2]) {
            let y = $0[0] * $0[1]; return y.exp() * y
        }
    }

    @Test func aSecondBackwardOverTheSameHistoryTraps() async {
        await #expect(processExitsWith: .failure) {
            let y = Tensor([2], [1]).tracked().square()
            _ = y.backward()
            _ = y.backward()
        }
    }

    @Test func backwardOfMoreThanOneElementTraps() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 2], [2]).tracked().square().backward() }
    }
}
