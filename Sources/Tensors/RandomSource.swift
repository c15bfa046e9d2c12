import Foundation

/// A stream of random numbers that depends on its seed alone: xoshiro256** (Blackman and Vigna 2021).
///
/// Streams for different purposes are split off by name or number, so that what one draws does not move another.
public struct RandomSource: RandomNumberGenerator, Hashable, Codable, Sendable {
    private var state: [UInt64]

    /// The stream of a seed.
    public init(seed: UInt64) {
        var mixer = seed
        state = (0..<4).map { _ in
            mixer &+= 0x9E37_79B9_7F4A_7C15
            return RandomSource.mixed(mixer)
        }
    }

    /// A stream of its own for a purpose; the stream it is split from does not move.
    public func split(_ purpose: String) -> RandomSource {
        split(purpose.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// A stream of its own for a number; the stream it is split from does not move.
    public func split(_ number: UInt64) -> RandomSource {
        RandomSource(seed: RandomSource.mixed(state[0] ^ RandomSource.mixed(state[2] &+ RandomSource.mixed(number))))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let product = state[1] &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = state[3] << 45 | state[3] >> 19
        return result
    }

    /// A number from 0 to below 1, a multiple of 2⁻²⁴.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// A number from the standard normal distribution (Box and Muller 1958).
    public mutating func normal() -> Float {
        let radius = (-2 * log((Double(next() >> 11) + 1) * 0x1p-53)).squareRoot()
        return Float(radius * cos(2 * .pi * Double(next() >> 11) * 0x1p-53))
    }

    /// A whole number from 0 to below `bound`, each equally likely (Lemire 2019); traps unless `bound` is positive.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "integer(below: \(bound)): expected a positive bound")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let least = (0 &- bound) % bound
            while product.low < least { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// Puts the elements in random order, every order equally likely (Fisher and Yates).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, integer(below: last + 1))
        }
    }

    /// Fills a buffer with numbers from the range, uniformly.
    public mutating func fillUniform(_ target: UnsafeMutableBufferPointer<Float>, in range: ClosedRange<Float>) {
        let width = range.upperBound - range.lowerBound
        for index in target.indices { target[index] = range.lowerBound + width * uniform() }
    }

    /// Fills a buffer with normal numbers.
    public mutating func fillNormal(_ target: UnsafeMutableBufferPointer<Float>, mean: Float, deviation: Float) {
        for index in target.indices { target[index] = mean + deviation * normal() }
    }
}
