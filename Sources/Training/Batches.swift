import BinderyBinding
import BinderyTensors

/// The order in which an epoch meets the samples: shuffled anew each epoch, the short last batch dropped.
struct Batches: Sendable {
    let samples: Int
    let size: Int
    let seed: UInt64

    /// Whole batches in an epoch.
    var perEpoch: Int { samples / size }

    /// The samples of every batch of an epoch; depends on the seed and the epoch alone.
    func epoch(_ epoch: Int) -> [[Int]] {
        var order = Array(0..<samples)
        var random = RandomSource(seed: seed).split("batches").split(UInt64(epoch))
        random.shuffle(&order)
        return order.cut(by: size).filter { $0.count == size }.map(Array.init)
    }
}
