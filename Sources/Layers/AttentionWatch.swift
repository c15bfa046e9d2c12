public import BinderyTensors
import Synchronization

/// Keeps the weights of every attention that runs while it watches, in order.
///
/// Attention is then computed the plain way, which costs memory and agrees with the fused one beyond rounding.
public final class AttentionWatch: Sendable {
    @TaskLocal static var current: AttentionWatch?

    /// What was seen.
    public struct Seen: Sendable {
        /// The weights of every attention over all of its input, each [B, heads, T, S] with rows that sum to 1.
        public var weights: [Tensor] = []
        /// How the last tokens of the sequence lie in the picture; nil where nobody said.
        public var grid: (rows: Int, columns: Int)?
        /// Whether there was attention within windows, whose weights are not kept.
        public var hasWindows = false

        /// Nothing.
        public init() {}
    }

    private let seen = Mutex(Seen())

    private init() {}

    /// What `body` returns, and what was seen of the attentions in it.
    public static func watching<R>(_ body: () throws -> R) rethrows -> (result: R, seen: Seen) {
        let watch = AttentionWatch()
        let result = try $current.withValue(watch) { try body() }
        return (result, watch.seen.withLock { $0 })
    }

    /// Says how the patches lie that follow, behind any other tokens.
    package static func note(grid: (rows: Int, columns: Int)) { current?.seen.withLock { $0.grid = grid } }

    /// Says that there is attention within windows.
    static func noteWindows() { current?.seen.withLock { $0.hasWindows = true } }

    /// softmax(q kᵀ / √d + mask) of queries [B, heads, T, d] and keys [B, heads, S, d].
    func see(_ queries: Tensor, _ keys: Tensor, mask: Tensor?, causal: Bool) {
        let (rows, columns) = (queries.shape[2], keys.shape[2])
        var scores = queries.detached().matmul(transposed: keys.detached()) * (1 / Float(queries.shape[3]).squareRoot())
        if let mask { scores = scores + mask.detached() }
        if causal {
            let bounds = (0..<rows * columns).map { place -> Float in
                place % columns > place / columns + columns - rows ? -1e9 : 0
            }
            scores = scores + Tensor(bounds, [rows, columns])
        }
        let weights = scores.softmax()
        seen.withLock { $0.weights.append(weights) }
    }
}
