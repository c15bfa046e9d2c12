import Bindery
import Foundation

/// A piece of work of `make bench`: prepared once, then run again and again.
struct Workload {
    let name: String
    /// Does the work once and returns what is compared with the peer's result.
    let once: () -> Tensor

    /// Where inputs and weights come from: files that the peer wrote, or fixed random numbers.
    struct Inputs {
        let folder: URL?

        /// `<name>.npy`, or numbers of a normal distribution.
        func tensor(_ name: String, _ shape: Int...) throws -> Tensor {
            if let folder { return try NumpyFile(contentsOf: folder.appending(path: "\(name).npy")).tensor() }
            var random = RandomSource(seed: 1).split(name)
            return random.normal(shape)
        }

        /// `<name>.npy`, or whole numbers below `limit`.
        func integers(_ name: String, _ count: Int, below limit: Int) throws -> [Int] {
            if let folder { return try NumpyFile(contentsOf: folder.appending(path: "\(name).npy")).integers() }
            return (0..<count).map { ($0 * 7919) % limit }
        }

        /// Gives parameters the values of `weights.safetensors`, or their starting values.
        func fill(_ parameters: Parameters) throws {
            guard let folder else { return parameters.fill(seed: 1) }
            let weights = try Checkpoint(contentsOf: folder.appending(path: "weights.safetensors"))
            try parameters.fill(from: weights, through: .identity)
        }
    }

    typealias Make = @Sendable (Inputs) throws -> () -> Tensor

    /// Every piece of work by its name in the table.
    static let all: [String: Make] = networks.merging(kernels) { first, _ in first }
}
