import BinderyTensors
import TestSupport
import Testing

@Suite struct DropoutTests {
    @Test func dropsTheGivenShareAndScalesTheRest() {
        var random = RandomSource(seed: 1)
        let y = Tensor.ones([100_003]).dropout(rate: 0.25, random: &random)
        let dropped = y.values.filter { $0 == 0 }.count
        #expect(abs(Double(dropped) / 100_003 - 0.25) < 0.01)
        #expect(y.values.allSatisfy { $0 == 0 || $0 == 1 / (1 - 0.25) })
        #expect(
            Tensor.ones([50]).dropout(rate: 0.5, random: &random).values
                != Tensor.ones([50]).dropout(rate: 0.5, random: &random).values)
    }

    @Test func theGradientPassesWhereTheElementStayed() {
        for shape in [[7, 5], [1], [0], [1000]] {
            var random = RandomSource(seed: 2)
            _ = random.next()
            let x = Tensor.ones(shape).tracked()
            let y = x.dropout(rate: 0.4, random: &random)
            #expect(y.sum().backward()[x]?.values == y.values)
        }
    }

    @Test func rateZeroIsNothing() {
        var random = RandomSource(seed: 3)
        let before = random
        #expect(Tensor([1, 2], [2]).dropout(rate: 0, random: &random).values == [1, 2])
        #expect(random == before)
    }
}
