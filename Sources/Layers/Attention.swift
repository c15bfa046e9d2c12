public import BinderyTensors

/// Multi-head scaled dot-product attention (Vaswani and others 2017, section 3.2).
public struct Attention: Sendable {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    /// Learned extra key and value, one row each, as ImageBind's audio and IMU encoders have them.
    let extraKey: Parameter?
    let extraValue: Parameter?
    /// On the joined heads, before the output (EVA-02).
    let norm: LayerNorm?
    let heads: Int
    let dropout: Dropout

    /// Layers `query`, `key`, `value`, `output` below `scope`; `heads` divides `width`, and `output` leads to `to` numbers,
    /// `width` unless given, as is the width of what is attended `over`.
    ///
    /// `bias` is that of query, key and value; without `keyBias` the key has none in any case. With `normEpsilon` a layer
    /// `norm` stands before the output.
    public init(
        _ scope: Scope, width: Int, over memoryWidth: Int? = nil, heads: Int, to outputWidth: Int? = nil,
        extraRow: Bool = false, bias: Bool = true, keyBias: Bool = true, normEpsilon: Float? = nil, dropout: Double = 0
    ) {
        precondition(heads > 0 && width % heads == 0, "attention: \(heads) heads do not divide width \(width)")
        query = Linear(scope["query"], from: width, to: width, bias: bias)
        key = Linear(scope["key"], from: memoryWidth ?? width, to: width, bias: bias && keyBias)
        value = Linear(scope["value"], from: memoryWidth ?? width, to: width, bias: bias)
        output = Linear(scope["output"], from: width, to: outputWidth ?? width)
        extraKey = extraRow ? scope("extra_key", width, start: .normal(0.02)) : nil
        extraValue = extraRow ? scope("extra_value", width, start: .normal(0.02)) : nil
        norm = normEpsilon.map { LayerNorm(scope["norm"], width: width, epsilon: $0) }
        self.heads = heads
        self.dropout = Dropout(scope["dropout"], rate: dropout)
    }

    /// Self-attention: [B, T, D] to the same shape.
    ///
    /// `mask` is added to the scores and broadcasts to [B, heads, T, T].
    public func callAsFunction(_ x: Tensor, mask: Tensor? = nil, causal: Bool = false, _ pass: Pass) -> Tensor {
        self(x, mask: mask, causal: causal, pass, adding: nil)
    }

    /// Self-attention, and the sum with `residual`; `rotary` turns the heads of queries and keys by their rows' places.
    func callAsFunction(
        _ x: Tensor, mask: Tensor?, causal: Bool, rotary: Rotary? = nil, _ pass: Pass, adding residual: Tensor?
    ) -> Tensor {
        guard AttentionWatch.current == nil, extraKey == nil, norm == nil, rotary == nil, mask?.isTracked != true,
            !dropout.acts(in: pass),
            let fused = Linear.sideBySide([query, key, value], x)
        else {
            let y = self(x, over: x, mask: mask, causal: causal, rotary: rotary, pass)
            return residual.map { $0 + y } ?? y
        }
        let attended = Tensor.attention(fused: fused, heads: heads, mask: mask, causal: causal)
        return output(attended, then: .identity, adding: residual)
    }

    /// Cross-attention: queries from [B, T, D], keys and values from [B, S, M], result [B, T, D].
    public func callAsFunction(
        _ x: Tensor, over memory: Tensor, mask: Tensor? = nil, causal: Bool = false, rotary: Rotary? = nil, _ pass: Pass
    ) -> Tensor {
        var keys = key(memory)
        var values = value(memory)
        var mask = mask
        if let extraKey, let extraValue {
            keys = keys.appending(row: extraKey())
            values = values.appending(row: extraValue())
            mask = mask.map { $0.padded(Array(repeating: (0, 0), count: $0.rank - 1) + [(0, 1)]) }
        }
        func turned(_ x: Tensor) -> Tensor { rotary.map { $0(x.split(heads: heads)) } ?? x.split(heads: heads) }
        let (queries, turnedKeys) = (turned(query(x)), turned(keys))
        AttentionWatch.current?.see(queries, turnedKeys, mask: mask, causal: causal)
        let attended = Tensor.attention(
            queries, turnedKeys, values.split(heads: heads), mask: mask, causal: causal
        ).joinedHeads()
        return dropout(output(norm.map { $0(attended) } ?? attended), pass)
    }
}

extension Tensor {
    /// [B, T, D] to [B, heads, T, D / heads].
    package func split(heads: Int) -> Tensor {
        reshaped([shape[0], shape[1], heads, shape[2] / heads]).permuted([0, 2, 1, 3])
    }

    /// [B, heads, T, d] to [B, T, heads · d].
    package func joinedHeads() -> Tensor {
        permuted([0, 2, 1, 3]).reshaped([shape[0], shape[2], shape[1] * shape[3]])
    }

    /// [B, T, D] with the same row [D] appended to every sequence.
    fileprivate func appending(row: Tensor) -> Tensor {
        let rows = row.reshaped([1, 1, shape[2]]).broadcast(to: [shape[0], 1, shape[2]])
        return Tensor.concatenated([self, rows], axis: 1)
    }
}
