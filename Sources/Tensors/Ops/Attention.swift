internal import CKernels

extension Tensor {
    /// softmax(scale · q kᵀ + mask) v, for every entry of a batch (Vaswani 2017).
    ///
    /// - `q` [… T, d], `k` [… S, d], `v` [… S, e], the axes before alike (usually batch and heads); gives [… T, e].
    /// - `mask` is added to the scores before the softmax and broadcasts to [… T, S]; a row that it masks altogether
    ///   gives zeros. It may be tracked (a learned bias of relative positions).
    /// - `causal` lets row t see the columns 0 ... t + S - T only: the last row sees all. S must be at least T then.
    /// - `scale` is 1 / √d unless given.
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false, scale: Float? = nil
    ) -> Tensor {
        let shapes = AttentionShapes(q, k, v, mask, causal)
        let scale = scale ?? 1 / Float(shapes.width).squareRoot()
        let inputs = [q, k, v] + [mask].compactMap { $0 }
        let wanted = inputs.map(\.isTracked)
        guard wanted.contains(true) || shapes.batchShape.count > 2 else {
            return shapes.attend(q, k, v, mask, causal, scale)
        }
        let weights = wanted.contains(true) ? Storage(count: shapes.batch * shapes.rows * shapes.columns) : nil
        let y = shapes.attend(q, k, v, mask, causal, scale, keeping: weights)
        guard let weights else { return y }
        let p = Tensor(storage: weights, shape: shapes.batchShape + [shapes.rows, shapes.columns])
        let (q, k, v, maskShape) = (q.detached(), k.detached(), v.detached(), mask?.shape)
        // dv = pᵀ g,  ds = p (g vᵀ - Σ p g vᵀ),  dq = scale ds k,  dk = scale dsᵀ q,  dmask = ds
        return .operation(y, from: inputs) { g in
            let dv = wanted[2] ? p.transposedMatmul(g) : nil
            let wantsScores = wanted.indices.contains { $0 != 2 && wanted[$0] }
            guard wantsScores else { return [nil, nil, dv] + wanted.dropFirst(3).map { _ in nil } }
            let ds = Tensor.make(p.shape, from: p, g.matmul(transposed: v)) {
                ck_softmax_gradient($1, $2, shapes.batch * shapes.rows, shapes.columns, $0)
            }
            let dq = wanted[0] ? ds.matmul(k) * scale : nil
            let dk = wanted[1] ? ds.transposedMatmul(q) * scale : nil
            return [dq, dk, dv] + (maskShape.map { [wanted[3] ? ds.summed(to: $0) : nil] } ?? [])
        }
    }
}

/// The extents of one attention and how it is computed.
private struct AttentionShapes {
    let batchShape: [Int]
    let rows, columns, width, valueWidth: Int
    var batch: Int { batchShape.product }

    init(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ causal: Bool) {
        precondition(
            q.rank >= 2 && k.rank == q.rank && v.rank == q.rank
                && q.shape.dropLast(2) == k.shape.dropLast(2) && q.shape.dropLast(2) == v.shape.dropLast(2)
                && q.shape[q.rank - 1] == k.shape[k.rank - 1] && k.shape[k.rank - 2] == v.shape[v.rank - 2],
            "attention: q \(q.shape), k \(k.shape), v \(v.shape), expected [… T, d], [… S, d], [… S, e]")
        batchShape = Array(q.shape.dropLast(2))
        (rows, columns) = (q.shape[q.rank - 2], k.shape[k.rank - 2])
        (width, valueWidth) = (q.shape[q.rank - 1], v.shape[v.rank - 1])
        precondition(!causal || rows <= columns, "attention: causal with \(rows) rows and \(columns) columns")
        guard let mask else { return }
        let scores = batchShape + [rows, columns]
        precondition(
            Tensor.broadcast(mask.shape, scores) == scores && mask.shape.last == columns,
            "attention: mask \(mask.shape), expected to broadcast to \(scores)")
    }

    /// Nothing is kept: one operation per head and block of rows, all of it in the cache.
    func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ causal: Bool, _ scale: Float
    ) -> Tensor {
        let (batch, heads) = (batchShape.count > 1 ? batchShape[0] : 1, batchShape.last ?? 1)
        func steps(_ rows: Int, _ width: Int) -> ck_attention_steps {
            ck_attention_steps(batch: heads * rows * width, head: rows * width, row: width)
        }
        return withExtendedLifetime(mask) {
            .make(batchShape + [rows, valueWidth], from: q, k, v) { y, q, k, v in
                var attention = ck_attention(
                    batch: batch, heads: heads, rows: rows, columns: columns, width: width, value_width: valueWidth,
                    q: q, k: k, v: v, q_steps: steps(rows, width), k_steps: steps(columns, width),
                    v_steps: steps(columns, valueWidth), mask: mask?.pointer,
                    mask_steps: mask?.maskSteps ?? ck_attention_steps(), scale: scale,
                    causal: causal ? 1 : 0, y: y, y_steps: steps(rows, valueWidth))
                ck_attend(&attention)
            }
        }
    }

    /// Rows are taken in blocks, so that their scores stay in the cache; kept weights are what the way back needs.
    func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ causal: Bool, _ scale: Float, keeping: Storage?
    ) -> Tensor {
        let block = min(max(65536 / max(columns, 1), 16), max(rows, 1))
        let blocks = (rows + block - 1) / block
        let mask = mask.map { $0.rank < 2 ? $0.reshaped([1, columns]) : $0 }
        let maskStarts = mask?.starts(batch: batchShape) ?? []
        let maskStep = mask.map { $0.shape[$0.rank - 2] == 1 ? 0 : columns } ?? 0
        let work = max(block * columns * (width + valueWidth), 1)
        return withExtendedLifetime((mask, keeping)) {
            .make(batchShape + [rows, valueWidth], from: q, k, v) { y, q, k, v in
                Threads.forEach(batch * blocks, grain: max(1, (1 << 19) / work)) { items in
                    Storage.scratch(keeping == nil ? block * columns : 0) { scratch in
                        for item in items {
                            let (entry, first) = (item / blocks, item % blocks * block)
                            let count = min(block, rows - first)
                            let row = entry * rows + first
                            let scores = keeping.map { $0.floats + row * columns } ?? scratch
                            sgemm(
                                false, true, count, columns, width, scale: scale, q + row * width, width,
                                k + entry * columns * width, width, to: scores, columns)
                            ck_masked_softmax(
                                scores, count, columns,
                                mask.map { $0.pointer + maskStarts[entry] + first * maskStep }, maskStep,
                                causal ? first + 1 + columns - rows : columns)
                            sgemm(
                                false, false, count, valueWidth, columns, scores, columns,
                                v + entry * columns * valueWidth, valueWidth, to: y + row * valueWidth, valueWidth)
                        }
                    }
                }
            }
        }
    }
}

extension Tensor {
    /// Where a mask over scores of at most four axes has the entry of the batch, the head and the row: 0 where it repeats.
    fileprivate var maskSteps: ck_attention_steps {
        let axes = Array(repeating: 1, count: Swift.max(4 - rank, 0)) + shape
        func step(_ axis: Int) -> Int { axes[axis] == 1 ? 0 : Array(axes[(axis + 1)...]).product }
        return ck_attention_steps(batch: step(0), head: step(1), row: step(2))
    }

    /// Self-attention over queries, keys and values that lie side by side, [B, T, 3 · D], which records nothing:
    /// [B, T, D].
    ///
    /// The mask is added to the scores and broadcasts to [B, heads, T, T].
    package static func attention(
        fused x: Tensor, heads: Int, mask: Tensor?, causal: Bool
    ) -> Tensor {
        let (batch, rows, all) = (x.shape[0], x.shape[1], x.shape[2])
        precondition(all % (3 * heads) == 0, "attention: shape \(x.shape), \(heads) heads")
        let width = all / 3
        let scores = [batch, heads, rows, rows]
        precondition(
            mask.map { Tensor.broadcast($0.shape, scores) == scores && $0.shape.last == rows } ?? true,
            "attention: mask \(mask?.shape ?? []), expected to broadcast to \(scores)")
        let steps = ck_attention_steps(batch: rows * all, head: width / heads, row: all)
        let result = ck_attention_steps(batch: rows * width, head: width / heads, row: width)
        return withExtendedLifetime(mask) {
            .make([batch, rows, width], from: x) { y, x in
                var attention = ck_attention(
                    batch: batch, heads: heads, rows: rows, columns: rows, width: width / heads,
                    value_width: width / heads, q: x, k: x + width, v: x + 2 * width, q_steps: steps, k_steps: steps,
                    v_steps: steps, mask: mask?.pointer, mask_steps: mask?.maskSteps ?? ck_attention_steps(),
                    scale: 1 / Float(width / heads).squareRoot(), causal: causal ? 1 : 0, y: y, y_steps: result)
                ck_attend(&attention)
            }
        }
    }
}
