import BinderyTensors
import TestSupport
import Testing

@Suite struct TensorTests {
    @Test func holdsWhatItWasGiven() {
        let x = Tensor([1, 2, 3, 4, 5, 6], [2, 3])
        #expect(x.shape == [2, 3] && x.rank == 2 && x.count == 6 && x.values == [1, 2, 3, 4, 5, 6])
        #expect(Tensor(7).shape == [] && Tensor(7).item == 7)
        #expect(Tensor.full([2], 3).values == [3, 3] && Tensor.ones([1, 1]).item == 1)
        #expect(Tensor.zeros([0, 4]).values == [])
        #expect(Tensor(shape: [3]) { $0.initialize(repeating: 9) }.values == [9, 9, 9])
        #expect(x.read { $0.reduce(0, +) } == 21)
    }

    @Test func changesInPlaceOnlyWhatNobodyElseSees() {
        var x = Tensor([1, 2], [2])
        let other = x
        x.changeInPlace { $0[0] = 5 }
        #expect(x.values == [5, 2] && other.values == [1, 2])
        let before = x.storage.floats
        x.changeInPlace { $0[1] = 6 }
        #expect(x.values == [5, 6] && x.storage.floats == before)
        var part = other.slice(axis: 0, 1..<2)
        part.changeInPlace { $0[0] = 0 }
        #expect(part.values == [0] && other.values == [1, 2])
    }

    @Test func tooFewValuesTrap() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3], [2, 2]) }
    }

    @Test func shapesThatDoNotFitTrap() async {
        await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 3]) + Tensor.ones([2]) }
        await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 3]).matmul(Tensor.ones([2, 3])) }
        await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 3]).reshaped(4, -1) }
        await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 3]).gather(rows: [2]) }
        await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 3]).item }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.ones([1, 2, 2, 1]).convolution2D(weight: .ones([1, 1, 3, 3]))
        }
    }
}
