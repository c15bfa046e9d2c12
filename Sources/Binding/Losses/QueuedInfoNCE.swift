public import BinderyTensors

/// InfoNCE against a queue of earlier keys (He and others 2020, MoCo, equation 1).
public enum QueuedInfoNCE {
    /// The mean over rows of −log softmax of the own key among itself and the queue.
    ///
    /// Unit rows: queries and keys [N, D], queue [K, D]. MoCo stops gradients of keys and queue: pass them detached.
    public static func loss(queries: Tensor, keys: Tensor, queue: Tensor, scale: Tensor) -> Tensor {
        let own = (queries * keys).sum(axes: [1], keeping: true)
        let logits = Tensor.concatenated([own, queries.matmul(transposed: queue)], axis: 1) * scale
        return (logits.logSumExp(axis: 1, keeping: true) - own * scale).mean()
    }
}
