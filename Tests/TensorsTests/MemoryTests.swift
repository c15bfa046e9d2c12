import BinderyTensors
import TestSupport
import Testing

@Suite struct MemoryTests {
    @Test func aStepGivesBackWhatItTook() {
        // Other suites run at the same time, so only a block much larger than theirs can be told apart.
        let large = 64 << 20
        let before = Memory.inUse
        do {
            let x = Tensor.zeros([large / 4]).tracked()
            #expect(Memory.inUse >= before + large / 2)
            #expect((x * 2).sum().backward()[x]?.count == large / 4)
        }
        #expect(Memory.inUse < before + large / 2)
        #expect(Memory.peak >= large)
    }
}
