import BinderyTensors
import Synchronization

/// Work over items that may fail: decoding, tokenising, features.
package enum Preparation {
    /// `body` for every index in parallel, results in order; throws the first error in order.
    package static func parallel<R: Sendable>(_ count: Int, _ body: (Int) throws -> R) throws -> [R] {
        let results = Mutex<[Int: Result<R, any Error>]>([:])
        Threads.forEach(count, grain: 1) { range in
            for index in range {
                let result = Result { try body(index) }
                results.withLock { $0[index] = result }
            }
        }
        let found = results.withLock { $0 }
        return try (0..<count).compactMap { try found[$0]?.get() }
    }
}
