import TestSupport
import Testing

@testable import BinderyTensors

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

    /// Blocks of all sizes that come and go in disorder never share a number.
    @Test func blocksStayApart() {
        var random = RandomSource(seed: 7)
        var held: [(block: Storage, mark: Float)] = []
        for turn in 0..<2000 {
            if held.count > 40 || (turn > 1800 && !held.isEmpty) {
                let (block, mark) = held.remove(at: random.integer(below: held.count))
                #expect(UnsafeBufferPointer(start: block.floats, count: block.count).allSatisfy { $0 == mark })
            }
            guard turn <= 1800 else { continue }
            // 1 number to 2 MB.
            let count = 1 << random.integer(below: 19)
            let block = Storage(count: count + random.integer(below: count))
            block.floats.update(repeating: Float(turn), count: block.count)
            held.append((block, Float(turn)))
        }
    }
}
