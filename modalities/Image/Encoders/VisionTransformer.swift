public import BinderyBinding
public import BinderyLayers
public import BinderyTensors

// B batch, H and W pixels, C channels, h and w patches, T tokens, D width.

/// A Transformer over the patches of a picture (Dosovitskiy and others 2021): ViT, DINOv2, and the vision towers of CLIP and
/// SigLIP, told apart by data.
///
/// A clip is a prepared picture, [H, W, C]; a picture of another size than the position table's stretches the table.
public struct VisionTransformer: PictureEncoder {
    /// How files become clips.
    public let preparation: PicturePreparation
    /// The most clips in one batch of inference: as many as keep the widest activation below 256 MiB.
    public let batchLimit: Int
    private let shape: VisionShape
    private let patches: Patches
    private let classToken: Parameter?
    private let registers: Parameter?
    private let positions: Embedding
    private let firstNorm: LayerNorm?
    private let blocks: Transformer
    private let finalNorm: LayerNorm?
    private let head: AttentionPooling?
    private let questions: QuestionPooling?
    private let dropout: Dropout

    /// The length of the vectors.
    public var width: Int { shape.width }

    var blockCount: Int { shape.blocks.layers }

    private enum Patches {
        case convolution(Convolution2D)
        case linear(Linear, patch: Int)

        /// [B, H, W, C] to [B, h · w, D].
        func callAsFunction(_ x: Tensor) -> Tensor {
            switch self {
            case .convolution(let convolution):
                let maps = convolution(x)
                return maps.reshaped([maps.shape[0], maps.shape[1] * maps.shape[2], maps.shape[3]])
            case .linear(let linear, let patch):
                let (rows, columns) = (x.shape[1] / patch, x.shape[2] / patch)
                let cut = x.slice(axis: 1, 0..<rows * patch).slice(axis: 2, 0..<columns * patch)
                let pieces = cut.reshaped([x.shape[0], rows, patch, columns, patch, x.shape[3]])
                    .permuted([0, 1, 3, 2, 4, 5])
                return linear(pieces.reshaped([x.shape[0], rows * columns, patch * patch * x.shape[3]]))
            }
        }
    }

    /// Reads the keys that README.md in the folder of this modality lists; throws when one is unknown or out of range.
    public init(_ config: Config, _ scope: Scope) throws {
        try self.init(VisionShape(config), pixels: config["pixels"] ?? .empty, scope)
    }

    init(_ shape: VisionShape, pixels: Config, _ scope: Scope) throws {
        self.shape = shape
        preparation = try PicturePreparation(
            pixels, usual: shape.size, patch: shape.patch, channels: shape.channels)
        let width = shape.blocks.width
        let (patch, channels) = (shape.patch, shape.channels)
        switch shape.patches {
        case .convolution:
            patches = .convolution(
                Convolution2D(
                    scope["patches"], from: channels, to: width, kernel: (patch, patch), stride: (patch, patch),
                    bias: shape.patchBias))
        case .linear:
            patches = .linear(
                Linear(scope["patches"], from: patch * patch * channels, to: width, bias: shape.patchBias),
                patch: patch)
        }
        classToken = shape.hasClass ? scope("class", width, start: .normal(0.02)) : nil
        registers = shape.registers > 0 ? scope("registers", shape.registers, width, start: .normal(0.02)) : nil
        let places = shape.grid.height * shape.grid.width + (shape.hasClass ? 1 : 0)
        positions = Embedding(scope["positions"], rows: places, width: width)
        let epsilon = shape.blocks.epsilon
        firstNorm = shape.normsFirst ? LayerNorm(scope["first_norm"], width: width, epsilon: epsilon) : nil
        blocks = Transformer(scope["blocks"], shape.blocks)
        finalNorm = shape.norm == .none ? nil : LayerNorm(scope["final_norm"], width: shape.width, epsilon: epsilon)
        head =
            shape.pooling == .head
            ? AttentionPooling(scope["head"], shape.blocks, hidden: shape.headHidden) : nil
        questions =
            shape.pooling == .questions
            ? QuestionPooling(
                scope["head"], shape.blocks, width: shape.width, heads: shape.questionHeads, questions: shape.questions)
            : nil
        dropout = Dropout(scope["dropout"], rate: shape.blocks.dropout)
        let tokens = shape.grid.height * shape.grid.width + shape.extras
        batchLimit = min(max((1 << 26) / (tokens * max(shape.blocks.hidden, 3 * width)), 1), 64)
    }

    /// The prepared picture, [H, W, C]; throws when the item names none.
    public func clips(of item: Item) throws -> Clips<Tensor> {
        let picture = try preparation(item)
        let (rows, columns) = (picture.shape[0] / shape.patch, picture.shape[1] / shape.patch)
        guard (1...VisionShape.mostPatches).contains(rows * columns) else {
            throw ImageError.wrongPatches(item.name, rows: rows, columns: columns, most: VisionShape.mostPatches)
        }
        return Clips(picture)
    }

    /// One vector per picture: [B, D]; pictures of different sizes go through the network apart.
    public func callAsFunction(_ clips: [Tensor], _ pass: Pass) -> Tensor {
        clips.batched(width) { pooled($0, pass) }
    }

    /// The states of all tokens of pictures of one size, [B, H, W, C] to [B, T, D], class token and registers first.
    ///
    /// `layer` counts blocks: 0 is what enters the first, -1 what leaves the last (before the final norm), -2 the one
    /// before it; nil is the result with the final norm, where it acts on tokens. Traps on a layer that is not there.
    public func features(_ pictures: Tensor, layer: Int? = nil, _ pass: Pass = .inference) -> Tensor {
        let count = shape.blocks.layers + 1
        let wanted = layer.map { $0 < 0 ? count + $0 : $0 }
        precondition(wanted.map((0..<count).contains) ?? true, "layer \(layer ?? 0) of \(count) layers")
        let grid = grid(of: pictures)
        let reached = blocks(entered(pictures, over: grid, pass), first: wanted, rotary: rotary(over: grid), pass)
        return wanted == nil ? normedTokens(reached) : reached
    }

    private typealias Grid = (height: Int, width: Int)

    private func grid(of pictures: Tensor) -> Grid {
        (pictures.shape[1] / shape.patch, pictures.shape[2] / shape.patch)
    }

    /// What enters the first block, [B, H, W, C] to [B, T, D].
    private func entered(_ pictures: Tensor, over grid: Grid, _ pass: Pass) -> Tensor {
        let batch = pictures.shape[0]
        AttentionWatch.note(grid: (grid.height, grid.width))
        var x = patches(pictures)
        if let classToken { x = x.preceded(by: classToken().reshaped([1, shape.blocks.width])) }
        x = dropout(x + positions(over: grid), pass)
        if let registers {
            let (first, rest) = (x.slice(axis: 1, 0..<1), x.slice(axis: 1, 1..<x.shape[1]))
            x =
                shape.hasClass
                ? .concatenated([first, rest.preceded(by: registers())], axis: 1) : x.preceded(by: registers())
        }
        if let firstNorm { x = firstNorm(x) }
        precondition(x.shape[0] == batch, "vision: \(x.shape) of \(batch) pictures")
        return x
    }

    private func normedTokens(_ states: Tensor) -> Tensor {
        guard shape.norm == .tokens, let finalNorm else { return states }
        return finalNorm(states)
    }

    /// The position table for a grid of patches: [T, D], the class token's row first.
    private func positions(over grid: Grid) -> Tensor {
        let table = positions.weight()
        guard grid != shape.grid else { return table }
        let first = shape.hasClass ? 1 : 0
        let stretched = table.slice(axis: 0, first..<table.shape[0])
            .interpolatedGrid(from: shape.grid, to: grid, shape.interpolation)
        guard shape.hasClass else { return stretched }
        return .concatenated([table.slice(axis: 0, 0..<1), stretched], axis: 0)
    }

    /// The turns of a grid of patches, where the shape has them.
    private func rotary(over grid: Grid) -> Rotary? {
        guard shape.rotary > 0 else { return nil }
        return Rotary(
            grid: grid, reference: (shape.rotary, shape.rotary), first: shape.extras,
            head: shape.blocks.width / shape.blocks.heads)
    }

    /// [B, H, W, C] to [B, D].
    private func pooled(_ pictures: Tensor, _ pass: Pass) -> Tensor {
        let grid = grid(of: pictures)
        let (entered, rotary) = (entered(pictures, over: grid, pass), rotary(over: grid))
        func tokens() -> Tensor { normedTokens(blocks(entered, rotary: rotary, pass)) }
        let pooled =
            switch shape.pooling {
            case .class:
                normedTokens(
                    blocks(entered, only: [Int](repeating: 0, count: pictures.shape[0]), rotary: rotary, pass))
            case .mean: tokens().slice(axis: 1, shape.extras..<entered.shape[1]).mean(axes: [1])
            case .head: head.map { $0(tokens(), pass) } ?? entered
            case .questions: questions.map { $0(tokens(), pass) } ?? entered
            }
        guard shape.norm == .pooled, let finalNorm else { return pooled }
        return finalNorm(pooled)
    }
}

extension Tensor {
    /// [B, T, D] with the same rows [n, D] before every sequence.
    fileprivate func preceded(by rows: Tensor) -> Tensor {
        let all = rows.reshaped([1] + rows.shape).broadcast(to: [shape[0]] + rows.shape)
        return .concatenated([all, self], axis: 1)
    }
}
