public import BinderyTensors

// B maps, H rows and W columns of positions, C channels.

/// One block: attention within windows and a feed-forward network, each after layer norm and with a residual.
public struct SwinBlock: Sendable {
    let norm1: LayerNorm
    let attention: WindowAttention
    let norm2: LayerNorm
    let feedForward: FeedForward
    let isShifted: Bool
    let dropout: Dropout

    /// Layers `norm1`, `attention`, `norm2`, `feed_forward` below `scope`.
    init(_ scope: Scope, _ shape: SwinShape, stage: Int, isShifted: Bool) {
        let width = shape.width(of: stage)
        norm1 = LayerNorm(scope["norm1"], width: width, epsilon: shape.epsilon)
        attention = WindowAttention(
            scope["attention"], width: width, heads: shape.heads[stage], window: shape.window(of: stage),
            bias: shape.bias)
        norm2 = LayerNorm(scope["norm2"], width: width, epsilon: shape.epsilon)
        feedForward = FeedForward(
            scope["feed_forward"], width: width, hidden: max(Int(Double(width) * shape.expansion), 1),
            activation: shape.activation)
        self.isShifted = isShifted
        dropout = Dropout(scope["dropout"], rate: shape.dropout)
    }

    /// [B, H, W, C] to the same shape.
    public func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let grid = WindowGrid(
            height: x.shape[1], width: x.shape[2], window: attention.window, shifted: isShifted)
        let attended = x + dropout(attention(norm1(x), in: grid), pass)
        return attended + dropout(feedForward(norm2(attended)), pass)
    }
}

/// Every 2×2 neighbours become one position of twice the width: side by side, layer norm, a matrix.
public struct PatchMerging: Sendable {
    let norm: LayerNorm
    let reduction: Linear
    let neighbours: [Int]

    /// Layers `norm` and `reduction` below `scope`; `neighbours` says which follow each other, as 2 · row + column.
    public init(_ scope: Scope, width: Int, neighbours: [Int]) {
        norm = LayerNorm(scope["norm"], width: 4 * width)
        reduction = Linear(scope["reduction"], from: 4 * width, to: 2 * width, bias: false)
        self.neighbours = neighbours
    }

    /// [B, H, W, C] to [B, ⌈H/2⌉, ⌈W/2⌉, 2C]; an odd side gets a row of zeros.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, width) = (x.shape[0], x.shape[3])
        let (rows, columns) = ((x.shape[1] + 1) / 2, (x.shape[2] + 1) / 2)
        var x = x
        if x.shape[1] % 2 + x.shape[2] % 2 > 0 {
            x = x.padded([(0, 0), (0, x.shape[1] % 2), (0, x.shape[2] % 2), (0, 0)])
        }
        var order: [Int] = []
        order.reserveCapacity(batch * rows * columns * 4)
        for row in 0..<batch * rows {
            for column in 0..<columns {
                for neighbour in neighbours {
                    order.append((2 * row + neighbour / 2) * 2 * columns + 2 * column + neighbour % 2)
                }
            }
        }
        let side = x.reshaped([x.count / width, width]).gather(rows: order)
            .reshaped([batch, rows, columns, 4 * width])
        return reduction(norm(side))
    }
}

/// The stages of a Swin Transformer and the layer norm after the last (Liu and others 2021).
public struct Swin: Sendable {
    private let stages: [(blocks: [SwinBlock], merging: PatchMerging?)]
    private let norm: LayerNorm

    /// Below `scope`: `stages.<s>.blocks.<b>`, `stages.<s>.merging` and `norm`.
    public init(_ scope: Scope, _ shape: SwinShape) {
        stages = shape.depths.enumerated().map { stage, depth in
            let place = scope["stages"][stage]
            let blocks = (0..<depth).map {
                SwinBlock(place["blocks"][$0], shape, stage: stage, isShifted: $0 % 2 == 1)
            }
            let isLast = stage + 1 == shape.depths.count
            return (
                blocks,
                isLast
                    ? nil
                    : PatchMerging(
                        place["merging"], width: shape.width(of: stage), neighbours: shape.neighbours)
            )
        }
        norm = LayerNorm(
            scope["norm"], width: shape.lastWidth, epsilon: shape.lastEpsilon ?? shape.epsilon)
    }

    /// [B, H, W, C] to [B, H', W', C'], a row of zeros added where an odd side is halved.
    ///
    /// `each` sees the output of every block as "stage.block", and of every stage, merging included, as "stage".
    public func callAsFunction(
        _ x: Tensor, _ pass: Pass, each: (String, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        var x = x
        for (stage, parts) in stages.enumerated() {
            for (index, block) in parts.blocks.enumerated() {
                x = block(x, pass)
                each("\(stage).\(index)", x)
            }
            if let merging = parts.merging { x = merging(x) }
            each("\(stage)", x)
        }
        return norm(x)
    }
}
