public import BinderyTensors
import Synchronization

/// Keeps the weights of every attention that runs while it watches, in order.
///
/// Attention is then computed the plain way, which costs memory and agrees with the fused one beyond rounding.
public final class AttentionWatch: Sendable {
    @TaskLocal static var current: AttentionWatch?

    private let kept = Mutex<[Tensor]>([])

    private init() {}

    /// What `body` returns, and the weights of the attentions in it, each [B, heads, T, S] with rows that sum to 1.
    public static func watching<R>(_ body: () throws -> R) rethrows -> (result: R, weights: [Tensor]) {
        let watch = AttentionWatch()
        let result = try $current.withValue(watch) { try body() }
        return (result, watch.kept.withLock { $0 })
    }

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
        kept.withLock { $0.append(weights) }
    }
}
