internal import CKernels

/// A source of random numbers that gives the same numbers on every machine, and whose state is three integers.
///
/// Counter-based (Philox4x32-10, Salmon et al. 2011): a number is a function of the seed, the stream and its position
/// alone. Give every purpose a stream of its own with `split`, so that one use never shifts the numbers of another;
/// store the source to continue where it was.
public struct RandomSource: RandomNumberGenerator, Sendable, Hashable, Codable {
    /// What the streams of a run have in common.
    public let seed: UInt64
    private var stream: UInt64 = 0
    /// How many 32-bit words have been taken.
    private var position: UInt64 = 0

    /// The first stream of a seed.
    public init(seed: UInt64) { self.seed = seed }

    /// A stream of its own for a purpose, from its start; the same for the same words.
    public func split(_ purpose: String) -> RandomSource {
        // FNV-1a over the name, spread over all bits.
        split(hash: purpose.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// A stream of its own for a number (an epoch, a step, an item), from its start.
    public func split(_ number: UInt64) -> RandomSource { split(hash: number ^ 0x5851_F42D) }

    private func split(hash: UInt64) -> RandomSource {
        var source = RandomSource(seed: seed)
        source.stream = RandomSource.mixed(RandomSource.mixed(stream &+ 0x9E37_79B9_7F4A_7C15) ^ hash)
        return source
    }

    /// A bijection that spreads every bit over all others (the finaliser of SplitMix64, Steele 2014).
    private static func mixed(_ bits: UInt64) -> UInt64 {
        var bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    private mutating func word() -> UInt32 {
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let (block, lane) = (position / 4, Int(position % 4))
        position += 1
        return withUnsafeMutableBytes(of: &words) { words in
            let words = words.assumingMemoryBound(to: UInt32.self)
            if let first = words.baseAddress { ck_random_block(seed, stream, block, first) }
            return words[lane]
        }
    }

    /// Takes whole blocks for `count` numbers and returns the first.
    private mutating func blocks(for count: Int) -> UInt64 {
        let first = (position + 3) / 4
        position = (first + UInt64(count + 3) / 4) * 4
        return first
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 { UInt64(word()) | UInt64(word()) << 32 }

    /// A number in 0 ..< 1, a multiple of 2⁻²⁴.
    public mutating func uniform() -> Float { Float(word() >> 8) * 0x1p-24 }

    /// A number in `range`, the upper bound left out.
    public mutating func uniform(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// A normally distributed number with mean 0 and variance 1.
    public mutating func normal() -> Float { normal([]).item }

    /// A whole number in 0 ..< bound, each as likely as any other; traps unless bound is positive.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "integer: below \(bound)")
        // The high half of bits · bound, where a few low halves are refused (Lemire 2019).
        let bound = UInt64(bound)
        let refused = (0 &- bound) % bound
        while true {
            let (high, low) = next().multipliedFullWidth(by: bound)
            if low >= refused { return Int(high) }
        }
    }

    /// Brings the elements into an order where each order is as likely as any other.
    public mutating func shuffle<C: MutableCollection & RandomAccessCollection>(_ items: inout C) {
        var rest = items.count
        while rest > 1 {
            let pick = integer(below: rest)
            rest -= 1
            items.swapAt(items.index(items.startIndex, offsetBy: pick), items.index(items.startIndex, offsetBy: rest))
        }
    }

    /// The numbers 0 ..< count in random order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var numbers = Array(0..<count)
        shuffle(&numbers)
        return numbers
    }

    /// A tensor of numbers in `range`, the upper bound left out.
    public mutating func uniform(_ shape: [Int], in range: ClosedRange<Float> = 0...1) -> Tensor {
        let count = shape.product
        let block = blocks(for: count)
        return .make(shape) {
            ck_random_uniform(seed, stream, block, range.lowerBound, range.upperBound, $0, count)
        }
    }

    /// A tensor of normally distributed numbers.
    public mutating func normal(_ shape: [Int], mean: Float = 0, deviation: Float = 1) -> Tensor {
        let count = shape.product
        let block = blocks(for: count)
        return .make(shape) { ck_random_normal(seed, stream, block, mean, deviation, $0, count) }
    }

    /// A function that sets elements to zero with probability `rate` and scales the others, the same at every call.
    mutating func dropping(_ rate: Float, of count: Int) -> (Tensor) -> Tensor {
        let block = blocks(for: count)
        let (seed, stream) = (seed, stream)
        let threshold = UInt32(min(Double(rate) * 0x1p32, Double(UInt32.max)))
        let scale = 1 / (1 - rate)
        return { x in
            .make(x.shape, from: x) { ck_dropout(seed, stream, block, threshold, scale, $1, $0, count) }
        }
    }
}
