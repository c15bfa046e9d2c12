public import BinderyTensors

/// ImageBind's network behind its stems, the same for every sense (Girdhar and others 2023, section 3.2): a class token
/// before the tokens, positions, blocks with layer norm first, and layer norm of the class token.
///
/// Shapes: `B` items, `N` tokens, `D` width.
public struct ImageBindTrunk: Sendable {
    /// The length of the vectors.
    public let width: Int
    private let classToken: Parameter
    private let positions: Parameter
    private let entryNorm: LayerNorm?
    private let blocks: Transformer
    private let finalNorm: LayerNorm

    /// Parameters `class_token`, `positions`, `entry_norm` where tokens are normalised before the first block, `blocks`
    /// and `final_norm` below `scope`.
    public init(_ scope: Scope, _ shape: TransformerShape, tokens: Int, normsTokens: Bool = false) {
        width = shape.width
        classToken = scope("class_token", width, start: .normal(0.02))
        positions = scope("positions", tokens + 1, width, start: .normal(0.02))
        entryNorm = normsTokens ? LayerNorm(scope["entry_norm"], width: width, epsilon: shape.epsilon) : nil
        blocks = Transformer(scope["blocks"], shape)
        finalNorm = LayerNorm(scope["final_norm"], width: width, epsilon: shape.epsilon)
    }

    /// [B, N, D] to [B, D]; `each` sees the output of every block, [B, N + 1, D].
    public func callAsFunction(
        _ tokens: Tensor, _ pass: Pass, each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        let count = tokens.shape[0]
        let first = classToken().reshaped([1, 1, width]).broadcast(to: [count, 1, width])
        var x = Tensor.concatenated([first, tokens], axis: 1) + positions()
        if let entryNorm { x = entryNorm(x) }
        let places = [Int](repeating: 0, count: count)
        return finalNorm(blocks(x, only: places, pass, each: each))
    }
}

extension TransformerShape {
    /// The keys of `imageBind(_:extraRow:)`.
    public static let imageBindKeys = ["width", "layers", "heads"]

    /// Blocks of ImageBind from the keys `width`, `layers` and `heads`; throws when one is out of range.
    ///
    /// `extraRow` is the learned key and value that all senses but pictures and text have.
    public static func imageBind(_ config: Config, extraRow: Bool) throws(ConfigError) -> TransformerShape {
        let width = try config.integer("width", in: 1...16_384)
        let heads = try config.integer("heads", in: 1...1024)
        guard width % heads == 0 else {
            throw .inconsistent("heads (\(heads)) must divide width (\(width))")
        }
        return TransformerShape(
            width: width, layers: try config.integer("layers", in: 0...1024), heads: heads, hidden: 4 * width,
            epsilon: 1e-6, extraRow: extraRow)
    }
}
