public import BinderyTensors

/// The network inside a Transformer block: two layers, or three where a gate is learned beside the wide one (SwiGLU,
/// Shazeer 2020).
public struct FeedForward: Sendable {
    let gate: Linear?
    let wide: Linear
    let narrow: Linear
    /// On the hidden numbers, before they are narrowed (EVA-02).
    let norm: LayerNorm?
    let activation: Activation

    /// Layers `wide` and `narrow` below `scope`, `gate` when it is gated, `norm` when `normEpsilon` is given.
    public init(
        _ scope: Scope, width: Int, hidden: Int, activation: Activation, isGated: Bool = false,
        normEpsilon: Float? = nil
    ) {
        gate = isGated ? Linear(scope["gate"], from: width, to: hidden) : nil
        wide = Linear(scope["wide"], from: width, to: hidden)
        narrow = Linear(scope["narrow"], from: hidden, to: width)
        norm = normEpsilon.map { LayerNorm(scope["norm"], width: hidden, epsilon: $0) }
        self.activation = activation
    }

    /// [..., width] to the same shape.
    public func callAsFunction(_ x: Tensor) -> Tensor { self(x, adding: nil) }

    func callAsFunction(_ x: Tensor, adding residual: Tensor?) -> Tensor {
        let inner = gate.map { $0(x, then: activation) * wide(x) } ?? wide(x, then: activation)
        return narrow(norm.map { $0(inner) } ?? inner, then: .identity, adding: residual)
    }
}

/// What all blocks of a Transformer share.
public struct TransformerShape: Sendable {
    /// Where layer norm stands.
    public enum Order: Sendable {
        /// Before attention and feed-forward (CLIP, ViT, GPT-2).
        case preNorm
        /// After the residual sum (BERT, RoBERTa).
        case postNorm
        /// On what each part adds, before it is added (EVA-02-E).
        case addedNorm
    }

    /// The length of each position's vector.
    public var width: Int
    /// The number of blocks.
    public var layers: Int
    /// The heads of each attention; they divide the width.
    public var heads: Int
    /// The width inside the feed-forward network.
    public var hidden: Int
    /// What stands between the two layers of the feed-forward network.
    public var activation: Activation
    /// Where layer norm stands.
    public var order: Order
    /// What every layer norm adds to the variance.
    public var epsilon: Float
    /// The probability of dropping each output of attention and feed-forward in training.
    public var dropout: Double
    /// Whether every sequence gets one learned extra key and value (ImageBind).
    public var extraRow: Bool
    /// Whether the feed-forward network has a gate.
    public var isGated = false
    /// Whether query, key and value have a bias.
    public var attentionBias = true
    /// Whether the key has one, too.
    public var keyBias = true
    /// Whether layer norm also stands inside attention and the feed-forward network, before their last layers (EVA-02).
    public var normsInside = false
    /// What the learned scale of every channel of both residuals starts at (LayerScale, Touvron and others 2021); nil for
    /// no such scale.
    public var layerScale: Float?

    /// Sizes of a stack of blocks; `hidden` is the width inside the feed-forward network.
    public init(
        width: Int, layers: Int, heads: Int, hidden: Int, activation: Activation = .gelu, order: Order = .preNorm,
        epsilon: Float = 1e-5, dropout: Double = 0, extraRow: Bool = false
    ) {
        self.width = width
        self.layers = layers
        self.heads = heads
        self.hidden = hidden
        self.activation = activation
        self.order = order
        self.epsilon = epsilon
        self.dropout = dropout
        self.extraRow = extraRow
    }
}

/// One block: attention and feed-forward, each with layer norm and a residual (Vaswani and others 2017, section 3.1).
public struct TransformerBlock: Sendable {
    let attention: Attention
    let norm1: LayerNorm
    let feedForward: FeedForward
    let norm2: LayerNorm
    let order: TransformerShape.Order
    let dropout: Dropout
    let scale1: Parameter?
    let scale2: Parameter?

    /// Layers `attention`, `norm1`, `feed_forward`, `norm2` below `scope`, and `scale1`, `scale2` where the shape has them.
    public init(_ scope: Scope, _ shape: TransformerShape) {
        attention = Attention(
            scope["attention"], width: shape.width, heads: shape.heads, extraRow: shape.extraRow,
            bias: shape.attentionBias, keyBias: shape.keyBias, normEpsilon: shape.normsInside ? shape.epsilon : nil,
            dropout: shape.dropout)
        norm1 = LayerNorm(scope["norm1"], width: shape.width, epsilon: shape.epsilon)
        feedForward = FeedForward(
            scope["feed_forward"], width: shape.width, hidden: shape.hidden, activation: shape.activation,
            isGated: shape.isGated, normEpsilon: shape.normsInside ? shape.epsilon : nil)
        norm2 = LayerNorm(scope["norm2"], width: shape.width, epsilon: shape.epsilon)
        order = shape.order
        dropout = Dropout(scope["dropout"], rate: shape.dropout)
        scale1 = shape.layerScale.map { scope("scale1", shape.width, start: .constant($0)) }
        scale2 = shape.layerScale.map { scope("scale2", shape.width, start: .constant($0)) }
    }

    /// [B, T, D] to the same shape.
    public func callAsFunction(
        _ x: Tensor, mask: Tensor?, causal: Bool, rotary: Rotary? = nil, _ pass: Pass
    ) -> Tensor {
        run(x, from: x, pass) { attention($0, mask: mask, causal: causal, rotary: rotary, pass, adding: $1) }
    }

    /// The same for one row of every sequence, [B, T, D] to [B, 1, D]: only keys and values need the others.
    func callAsFunction(_ x: Tensor, only places: [Int], mask: Tensor?, causal: Bool, _ pass: Pass) -> Tensor {
        let seen = causal ? Tensor.mask(upTo: places, of: x.shape[1]) : nil
        let mask = seen.map { seen in mask.map { $0 + seen } ?? seen } ?? mask
        return run(x, from: x.rows(at: places), pass) { all, residual in
            let y = attention(all.rows(at: places), over: all, mask: mask, pass)
            return residual.map { $0 + y } ?? y
        }
    }

    /// `attend` reads [B, T, D] and adds to what it is given besides; `rows` are those of x that go on.
    private func run(
        _ x: Tensor, from rows: Tensor, _ pass: Pass, attend: (Tensor, _ adding: Tensor?) -> Tensor
    ) -> Tensor {
        func attended(_ x: Tensor) -> Tensor {
            guard scale1 == nil else { return rows + scaled(attend(x, nil), scale1) }
            return attend(x, rows)
        }
        switch order {
        case .preNorm:
            let sum = attended(norm1(x))
            return fed(norm2(sum), adding: sum, pass)
        case .postNorm:
            let normed = norm1(attended(x))
            return norm2(fed(normed, adding: normed, pass))
        case .addedNorm:
            let sum = rows + scaled(norm1(attend(x, nil)), scale1)
            return sum + scaled(norm2(dropout(feedForward(sum), pass)), scale2)
        }
    }

    private func fed(_ x: Tensor, adding residual: Tensor, _ pass: Pass) -> Tensor {
        guard scale2 == nil, !dropout.acts(in: pass) else {
            return residual + scaled(dropout(feedForward(x), pass), scale2)
        }
        return feedForward(x, adding: residual)
    }

    private func scaled(_ x: Tensor, _ scale: Parameter?) -> Tensor { scale.map { x * $0() } ?? x }
}

/// A stack of blocks.
public struct Transformer: Sendable {
    let blocks: [TransformerBlock]

    /// Blocks `0 ..< layers` below `scope`.
    public init(_ scope: Scope, _ shape: TransformerShape) {
        blocks = (0..<shape.layers).map { TransformerBlock(scope[$0], shape) }
    }

    /// [B, T, D] to the same shape, through the first `count` blocks where that is given, and else through all.
    public func callAsFunction(
        _ x: Tensor, first count: Int? = nil, mask: Tensor? = nil, causal: Bool = false, rotary: Rotary? = nil,
        _ pass: Pass
    ) -> Tensor {
        blocks.prefix(count ?? blocks.count).reduce(x) { x, block in
            block(x, mask: mask, causal: causal, rotary: rotary, pass)
        }
    }

    /// One row of every sequence of the result, [B, T, D] to [B, D]: most of the last block is spared.
    ///
    /// `places` holds the number of each sequence's row; a mask repeats over the rows, [B, 1, 1, T]. `each` sees the output
    /// of every block, of the last one only what is wanted, [B, 1, D].
    public func callAsFunction(
        _ x: Tensor, only places: [Int], mask: Tensor? = nil, causal: Bool = false, rotary: Rotary? = nil, _ pass: Pass,
        each: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        // A watch wants to see every row's attention.
        let spares = rotary == nil && AttentionWatch.current == nil
        var x = x
        for (index, block) in blocks.enumerated() {
            x =
                spares && index == blocks.count - 1
                ? block(x, only: places, mask: mask, causal: causal, pass)
                : block(x, mask: mask, causal: causal, rotary: rotary, pass)
            each(index, x)
        }
        let rows = x.rows(at: places)
        return rows.reshaped([rows.shape[0], rows.shape[2]])
    }
}

extension Tensor {
    /// One row of every sequence: [B, T, D] to [B, 1, D].
    fileprivate func rows(at places: [Int]) -> Tensor {
        precondition(places.count == shape[0], "rows: \(places.count) places in \(shape[0]) sequences")
        guard shape[1] > 1 else { return self }
        return reshaped([shape[0] * shape[1], shape[2]])
            .gather(rows: places.enumerated().map { $0 * shape[1] + $1 }).reshaped([shape[0], 1, shape[2]])
    }

    /// 0 up to each sequence's place and -∞ behind it, [B, 1, 1, T]; nil when all stand at the end.
    fileprivate static func mask(upTo places: [Int], of count: Int) -> Tensor? {
        guard places.contains(where: { $0 < count - 1 }) else { return nil }
        return Tensor(shape: [places.count, 1, 1, count]) { target in
            for index in target.indices { target[index] = index % count <= places[index / count] ? 0 : -.infinity }
        }
    }
}
