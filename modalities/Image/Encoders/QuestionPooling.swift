internal import BinderyLayers
internal import BinderyTensors

/// CoCa's pooling (Yu and others 2022): learned questions, of a width of their own, attend over all tokens.
///
/// Its text decoder listens to the answers to all questions; the embedding is the answer to the first.
struct QuestionPooling: Sendable {
    let questions: Parameter
    let questionNorm: LayerNorm
    let tokenNorm: LayerNorm
    let attention: Attention

    /// Parameters `questions`, `question_norm`, `token_norm`, `attention` below `scope`.
    init(_ scope: Scope, _ shape: TransformerShape, width: Int, heads: Int, questions count: Int) {
        questions = scope("questions", count, width, start: .normal(1))
        questionNorm = LayerNorm(scope["question_norm"], width: width, epsilon: shape.epsilon)
        tokenNorm = LayerNorm(scope["token_norm"], width: shape.width, epsilon: shape.epsilon)
        attention = Attention(scope["attention"], width: width, over: shape.width, heads: heads)
    }

    /// [B, T, D] to [B, width].
    func callAsFunction(_ tokens: Tensor, _ pass: Pass) -> Tensor {
        let first = questionNorm(questions().slice(axis: 0, 0..<1))
        let (batch, width) = (tokens.shape[0], first.shape[1])
        let question = first.reshaped([1, 1, width]).broadcast(to: [batch, 1, width])
        return attention(question, over: tokenNorm(tokens), pass).reshaped([batch, width])
    }
}
