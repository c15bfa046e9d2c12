internal import BinderyLayers
internal import BinderyTensors

/// SigLIP's pooling (Zhai and others 2023): a learned vector attends over all patches, and a feed-forward network follows.
struct AttentionPooling: Sendable {
    let probe: Parameter
    let attention: Attention
    let norm: LayerNorm
    let feedForward: FeedForward

    /// Parameters `probe`, `attention`, `norm`, `feed_forward` below `scope`.
    init(_ scope: Scope, _ shape: TransformerShape, hidden: Int) {
        probe = scope("probe", 1, shape.width, start: .normal(0.02))
        attention = Attention(scope["attention"], width: shape.width, heads: shape.heads)
        norm = LayerNorm(scope["norm"], width: shape.width, epsilon: shape.epsilon)
        feedForward = FeedForward(
            scope["feed_forward"], width: shape.width, hidden: hidden, activation: shape.activation)
    }

    /// [B, T, D] to [B, D].
    func callAsFunction(_ tokens: Tensor, _ pass: Pass) -> Tensor {
        let (batch, width) = (tokens.shape[0], tokens.shape[2])
        let question = probe().reshaped([1, 1, width]).broadcast(to: [batch, 1, width])
        let answer = attention(question, over: tokens, pass)
        return (answer + feedForward(norm(answer))).reshaped([batch, width])
    }
}
