import BinderyTensors
import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct RandomSourceTests {
    /// The known answers that the authors of Philox publish for 4x32-10.
    @Test func blocksMatchThePublishedVectors() {
        func block(_ seed: UInt64, _ stream: UInt64, _ block: UInt64) -> [UInt32] {
            var words = [UInt32](repeating: 0, count: 4)
            ck_random_block(seed, stream, block, &words)
            return words
        }
        #expect(block(0, 0, 0) == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
        #expect(block(.max, .max, .max) == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
        #expect(
            block(0x299F_31D0_A409_3822, 0x0370_7344_1319_8A2E, 0x85A3_08D3_243F_6A88)
                == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
    }

    @Test func continuesWhereItsStoredStateWas() throws {
        var source = RandomSource(seed: 7).split("augmentation")
        _ = source.uniform([5])
        _ = source.next()
        let stored = try JSONEncoder().encode(source)
        var restored = try JSONDecoder().decode(RandomSource.self, from: stored)
        #expect(source.normal([9]).values == restored.normal([9]).values)
        #expect(source.integer(below: 1000) == restored.integer(below: 1000))
        #expect(source == restored)
    }

    @Test func streamsDiffer() {
        let root = RandomSource(seed: 1)
        var sources = [root, root.split("a"), root.split("b"), root.split("a").split("b"), root.split("b").split("a")]
        sources += (0..<20).map { root.split(UInt64($0)) } + [RandomSource(seed: 2), root.split("a").split(0)]
        let first = Set(
            sources.map { source in
                var source = source; return source.next()
            })
        #expect(first.count == sources.count)
        var (one, two) = (root.split("a"), root.split("a"))
        #expect(one.next() == two.next())
    }

    /// Recorded once: the same on every machine, whatever its instruction set.
    @Test func normalNumbersAreTheSameEverywhere() {
        var source = RandomSource(seed: 42)
        #expect(
            source.normal([4]).values.map(\.bitPattern) == [3_212_336_732, 1_044_819_176, 3_214_813_394, 1_073_103_675])
        #expect(source.uniform([2], in: -1...3).values.map(\.bitPattern) == [1_077_730_081, 1_050_530_656])
    }

    @Test func uniformNumbersFillTheirRange() {
        var source = RandomSource(seed: 3)
        let x = source.uniform([200_000], in: -1...3)
        #expect(x.min().item >= -1 && x.max().item < 3)
        #expect(abs(x.mean().item - 1) < 0.01 && abs(x.variance().item - 16.0 / 12) < 0.01)
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(source.uniform()) })
    }

    @Test func normalNumbersHaveTheRightMoments() {
        var source = RandomSource(seed: 4)
        let x = source.normal([400_001], mean: 2, deviation: 3)
        let z = (x - 2) / 3
        #expect(abs(z.mean().item) < 0.01 && abs(z.square().mean().item - 1) < 0.01)
        #expect(abs(z.pow(3).mean().item) < 0.03 && abs(z.pow(4).mean().item - 3) < 0.06)
        let inside = z.values.filter { abs($0) < 1 }.count
        #expect(abs(Double(inside) / 400_001 - 0.6827) < 0.003)
        #expect(source.normal() != source.normal())
    }

    @Test func integersAreEven() {
        var source = RandomSource(seed: 5)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[source.integer(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
        #expect(source.integer(below: 1) == 0)
        let large = (0..<200).map { _ in source.integer(below: .max) }
        #expect(large.contains { $0 > .max / 2 } && large.contains { $0 < .max / 2 })
    }

    @Test func everyOrderIsAsLikely() {
        var source = RandomSource(seed: 6)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<12_000 { counts[source.permutation(3), default: 0] += 1 }
        #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 2000) < 200 })
        #expect(source.permutation(0) == [] && source.permutation(100).sorted() == Array(0..<100))
    }
}
