import BinderyTensors

// B maps, W windows, n positions of a window, C channels, d channels of a head.

/// Multi-head attention within windows, with a learned bias for every relative position (Liu and others 2021,
/// section 3.2).
public struct WindowAttention: Sendable {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    /// One row for every relative position, one column for every head.
    let positions: Parameter
    let heads: Int
    let window: Int

    /// Layers `query`, `key`, `value`, `output` and the table `positions` below `scope`; `heads` divides `width`.
    public init(_ scope: Scope, width: Int, heads: Int, window: Int, bias: Bool) {
        query = Linear(scope["query"], from: width, to: width, bias: bias)
        key = Linear(scope["key"], from: width, to: width, bias: bias)
        value = Linear(scope["value"], from: width, to: width, bias: bias)
        output = Linear(scope["output"], from: width, to: width)
        let extent = 2 * window - 1
        positions = scope("positions", extent * extent, heads, start: .normal(0.02))
        self.heads = heads
        self.window = window
    }

    /// [B, H, W, C] to the same shape; every position sees those of its window in `grid`.
    func callAsFunction(_ x: Tensor, in grid: WindowGrid) -> Tensor {
        let (batch, width) = (x.shape[0], x.shape[3])
        AttentionWatch.noteWindows()
        var rows = x
        if grid.isPadded {
            rows = rows.padded([
                (0, 0), (0, grid.paddedHeight - grid.height), (0, grid.paddedWidth - grid.width), (0, 0),
            ])
        }
        rows = rows.reshaped([rows.count / width, width])
        if !grid.isWhole { rows = rows.gather(rows: grid.partition(batch: batch)) }
        let shape = [batch * grid.windows, grid.area, width]
        let heads = { (part: Tensor) in
            let split = part.reshaped(shape).split(heads: self.heads)
            return split.reshaped([batch, grid.windows] + split.shape.dropFirst())
        }
        let attended = Tensor.attention(
            heads(query(rows)), heads(key(rows)), heads(value(rows)), mask: bias(in: grid))
        let joined = attended.reshaped([shape[0], self.heads, grid.area, width / self.heads]).joinedHeads()
        let result = output(joined.reshaped([shape[0] * shape[1], width]))
        return (grid.isWhole ? result : result.gather(rows: grid.reversal(batch: batch))).reshaped(x.shape)
    }

    /// What is added to the scores: [heads, n, n], or [W, heads, n, n] for shifted windows.
    private func bias(in grid: WindowGrid) -> Tensor {
        let bias = { (table: Tensor) -> Tensor in
            let rows = table.gather(rows: WindowGrid.relativePositions(window: window))
            let ofHeads = rows.reshaped([grid.area, grid.area, heads]).permuted(2, 0, 1)
            return grid.mask.map { $0 + ofHeads } ?? ofHeads
        }
        guard positions.isFrozen else { return bias(positions()) }
        // A network sees maps of one size; should another come along, its bias is made each time.
        let kept = positions.derived(grid.shift > 0 ? "shifted" : "still") { (grid, bias($0)) }
        return kept.0.isMaskedLike(grid) ? kept.1 : bias(positions())
    }
}
