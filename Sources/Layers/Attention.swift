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
    let heads: Int
    let dropout: Dropout

    /// Layers `query`, `key`, `value`, `output` below `scope`; `heads` divides `width`, and `output` leads to `to` numbers,
    /// `width` unless given.
    public init(
        _ scope: Scope, width: Int, heads: Int, to outputWidth: Int? = nil, extraRow: Bool = false, bias: Bool = true,
        dropout: Double = 0
    ) {
        precondition(heads > 0 && width % heads == 0, "attention: \(heads) heads do not divide width \(width)")
        query = Linear(scope["query"], from: width, to: width, bias: bias)
        key = Linear(scope["key"], from: width, to: width, bias: bias)
        value = Linear(scope["value"], from: width, to: width, bias: bias)
        output = Linear(scope["output"], from: width, to: outputWidth ?? width)
        extraKey = extraRow ? scope("extra_key", width, start: .normal(0.02)) : nil
        extraValue = extraRow ? scope("extra_value", width, start: .normal(0.02)) : nil
        self.heads = heads
        self.dropout = Dropout(scope["dropout"], rate: dropout)
    }

    /// Self-attention: [B, T, D] to the same shape.
    ///
    /// `mask` is added to the scores and broadcasts to [B, heads, T, T].
    public func callAsFunction(_ x: Tensor, mask: Tensor? = nil, causal: Bool = false, _ pass: Pass) -> Tensor {
        self(x, mask: mask, causal: causal, pass, adding: nil)
    }

    /// Self-attention, and the sum with `residual`.
    func callAsFunction(
        _ x: Tensor, mask: Tensor?, causal: Bool, _ pass: Pass, adding residual: Tensor?
    ) -> Tensor {
        guard extraKey == nil, mask?.isTracked != true, !dropout.acts(in: pass),
            let fused = Linear.sideBySide([query, key, value], x)
        else {
            let y = self(x, over: x, mask: mask, causal: causal, pass)
            return residual.map { $0 + y } ?? y
        }
        let attended = Tensor.attention(fused: fused, heads: heads, mask: mask, causal: causal)
        return output(attended, then: .identity, adding: residual)
    }

    /// Cross-attention: queries from [B, T, D], keys and values from [B, S, D], result [B, T, D].
    public func callAsFunction(
        _ x: Tensor, over memory: Tensor, mask: Tensor? = nil, causal: Bool = false, _ pass: Pass
    ) -> Tensor {
        var keys = key(memory)
        var values = value(memory)
        var mask = mask
        if let extraKey, let extraValue {
            keys = keys.appending(row: extraKey())
            values = values.appending(row: extraValue())
            mask = mask.map { $0.padded(Array(repeating: (0, 0), count: $0.rank - 1) + [(0, 1)]) }
        }
        let attended = Tensor.attention(
            query(x).split(heads: heads), keys.split(heads: heads), values.split(heads: heads), mask: mask,
            causal: causal)
        return dropout(output(attended.joinedHeads()), pass)
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
