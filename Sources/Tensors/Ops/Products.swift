internal import CKernels
internal import COpenBLAS

extension Tensor {
    /// The matrix product over the last two axes: [… m, k] and [… k, n] give [… m, n]; the axes before them broadcast.
    public func matmul(_ other: Tensor) -> Tensor { product(.plain, other, "matmul") }

    /// The product with the transpose of `other`: [… m, k] and [… n, k] give [… m, n], nothing copied.
    public func matmul(transposed other: Tensor) -> Tensor { product(.rightTransposed, other, "matmul(transposed:)") }

    /// The product of the transpose of this with `other`: [… k, m] and [… k, n] give [… m, n], nothing copied.
    public func transposedMatmul(_ other: Tensor) -> Tensor { product(.leftTransposed, other, "transposedMatmul") }

    /// x weightᵀ + bias over the last axis: [… in], weight [out, in] and bias [out] give [… out].
    public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            rank >= 1 && weight.rank == 2 && weight.shape[1] == shape[rank - 1],
            "linear: shape \(shape) and weight \(weight.shape), expected [out, \(shape.last ?? 0)]")
        precondition(
            bias.map { $0.shape == [weight.shape[0]] } ?? true,
            "linear: bias \(bias?.shape ?? []), expected [\(weight.shape[0])]")
        let shape = shape
        let rows = shape.dropLast().reduce(1, *)
        let (x, w) = (detached().reshaped([rows, weight.shape[1]]), weight.detached())
        let y = Product(.rightTransposed, x, w).compute(x, w, bias: bias)
            .reshaped(shape.dropLast() + [w.shape[0]])
        let inputs = [self, weight] + [bias].compactMap { $0 }
        let wanted = inputs.map(\.isTracked)
        let kept = (x: wanted[1] ? x : nil, w: wanted[0] ? w : nil)
        // dx = g weight,  dweight = gᵀ x,  dbias = Σ g
        return .operation(y, from: inputs) { g in
            let g = g.reshaped([rows, g.shape[g.rank - 1]])
            let gradients = [
                kept.w.map { g.matmul($0).reshaped(shape) },
                kept.x.map { g.transposedMatmul($0) },
                wanted.count > 2 && wanted[2] ? g.sum(axes: [0]) : nil,
            ]
            return Array(gradients.prefix(wanted.count))
        }
    }

    private func product(_ form: Product.Form, _ other: Tensor, _ name: StaticString) -> Tensor {
        precondition(rank >= 2 && other.rank >= 2, "\(name): shapes \(shape) and \(other.shape), expected matrices")
        if other.rank == 2, rank > 2, form != .leftTransposed {
            // One matrix for the whole batch: a single tall product.
            let tall = reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]]).product(form, other, name)
            return tall.reshaped(shape.dropLast() + [tall.shape[1]])
        }
        let (a, b) = (detached(), other.detached())
        let plan = Product(form, a, b)
        precondition(
            plan.k == plan.kOfRight && plan.batchShape != nil,
            "\(name): shapes \(shape) and \(other.shape), inner \(plan.k) and \(plan.kOfRight)")
        let y = plan.compute(a, b)
        let (aShape, bShape) = (a.shape, b.shape)
        // C = A B:  dA = g Bᵀ, dB = Aᵀ g.   C = A Bᵀ:  dA = g B, dB = gᵀ A.   C = Aᵀ B:  dA = B gᵀ, dB = A g.
        let left = { (g: Tensor) -> Tensor in
            switch form {
            case .plain: g.matmul(transposed: b).summed(to: aShape)
            case .rightTransposed: g.matmul(b).summed(to: aShape)
            case .leftTransposed: b.matmul(transposed: g).summed(to: aShape)
            }
        }
        let right = { (g: Tensor) -> Tensor in
            switch form {
            case .plain: a.transposedMatmul(g).summed(to: bShape)
            case .rightTransposed: g.transposedMatmul(a).summed(to: bShape)
            case .leftTransposed: a.matmul(g).summed(to: bShape)
            }
        }
        return .operation(y, (self, left), (other, right))
    }
}

/// One product of matrices, or a batch of them, cut into tiles that are computed in parallel.
///
/// Tiles never cut the summed axis and depend on the shapes alone, so the number of threads changes no bit.
struct Product {
    enum Form { case plain, rightTransposed, leftTransposed }

    let form: Form
    let m, n, k, kOfRight: Int
    let batchShape: [Int]?

    init(_ form: Form, _ a: Tensor, _ b: Tensor) {
        self.form = form
        let (aRows, aColumns) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
        let (bRows, bColumns) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
        (m, k) = form == .leftTransposed ? (aColumns, aRows) : (aRows, aColumns)
        (kOfRight, n) = form == .rightTransposed ? (bColumns, bRows) : (bRows, bColumns)
        batchShape = Tensor.broadcast(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)))
    }

    func compute(_ a: Tensor, _ b: Tensor, bias: Tensor? = nil) -> Tensor {
        let batchShape = batchShape ?? []
        let batch = batchShape.product
        if batch == 1, isWorthPacking { return packing(a, b, batchShape + [m, n], bias: bias) }
        let (aStarts, bStarts) = (a.starts(batch: batchShape), b.starts(batch: batchShape))
        let tiles = Tiles(m, n, k, batch)
        return .make(batchShape + [m, n], from: a, b) { y, a, b in
            withExtendedLifetime(bias) {
                Threads.forEach(batch * tiles.count, grain: tiles.grain) { items in
                    for item in items {
                        let entry = item / tiles.count
                        let (rows, columns) = tiles[item % tiles.count]
                        multiply(
                            a + aStarts[entry], b + bStarts[entry], y + entry * m * n, rows, columns,
                            bias: bias?.pointer)
                    }
                }
            }
        }
    }

    /// Whether the product's own register tiles pay: they take 32 columns at once and copy what does not lie dense.
    private var isWorthPacking: Bool { m >= 32 && n >= 32 && k >= 32 }

    /// One product by the register tiles, which cut it by its shape alone as well.
    private func packing(_ a: Tensor, _ b: Tensor, _ shape: [Int], bias: Tensor?) -> Tensor {
        let (left, right) = (form == .leftTransposed, form == .rightTransposed)
        return withExtendedLifetime(bias) {
            .make(shape, from: a, b) { y, a, b in
                var finish = ck_product_finish(bias: bias?.pointer, activation: -1, residual: nil, residual_row: 0)
                ck_plain_product(
                    m, n, k, a, left ? 1 : k, left ? m : 1, b, right ? k : 1, right ? 1 : n, &finish, y, n)
            }
        }
    }

    private func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rows: Range<Int>,
        _ columns: Range<Int>, bias: UnsafePointer<Float>?
    ) {
        let corner = y + rows.lowerBound * n + columns.lowerBound
        if let bias {
            for row in 0..<rows.count {
                (corner + row * n).update(from: bias + columns.lowerBound, count: columns.count)
            }
        }
        let (left, right) = (form == .leftTransposed, form == .rightTransposed)
        sgemm(
            left, right, rows.count, columns.count, k,
            a + rows.lowerBound * (left ? 1 : k), left ? m : k,
            b + columns.lowerBound * (right ? k : 1), right ? k : n,
            adding: bias != nil, to: corner, n)
    }
}

/// c = scale · a b, or c += scale · a b when `adding`, for an m × n result with rows `cStep` apart, on this thread.
func sgemm(
    _ aTransposed: Bool, _ bTransposed: Bool, _ m: Int, _ n: Int, _ k: Int, scale: Float = 1,
    _ a: UnsafePointer<Float>, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    adding: Bool = false, to c: UnsafeMutablePointer<Float>, _ cStep: Int
) {
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
        for row in 0..<m where !adding { (c + row * cStep).update(repeating: 0, count: n) }
        return
    }
    _ = openBLASKeepsToOneThread
    cblas_sgemm(
        CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
        Int32(m), Int32(n), Int32(k), scale, a, Int32(aStep), b, Int32(bStep), adding ? 1 : 0, c, Int32(cStep))
}

/// The tiles of an m × n result: large enough that packing the operands is a small part of the work, many enough to
/// share out.
struct Tiles {
    let m, n, rows, columns, across: Int
    let count: Int
    /// How many tiles make one piece of work.
    let grain: Int

    init(_ m: Int, _ n: Int, _ k: Int, _ batch: Int) {
        let work = max(m * n * k, 1)
        let worthwhile = 2 << 20
        let wanted = min(max(work / worthwhile, 1), max(16 / max(batch, 1), 1))
        var (down, across) = (max((m + 255) / 256, 1), max((n + 767) / 768, 1))
        while down * across < wanted {
            if m / down > 2 * (n / across) { down += 1 } else { across += 1 }
        }
        self.m = m
        self.n = n
        rows = Tiles.even(m, down, to: 16)
        columns = Tiles.even(n, across, to: 32)
        self.across = (n + columns - 1) / columns
        count = (m + rows - 1) / rows * self.across
        grain = max(1, worthwhile * count / work)
    }

    /// The extent of each of `parts` nearly equal parts, a multiple of `step`.
    private static func even(_ extent: Int, _ parts: Int, to step: Int) -> Int {
        let each = (extent + parts - 1) / parts
        return max((each + step - 1) / step * step, step)
    }

    subscript(_ tile: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (row, column) = (tile / across * rows, tile % across * columns)
        return (row..<min(row + rows, m), column..<min(column + columns, n))
    }
}

/// OpenBLAS would start threads of its own beside ours; evaluated once, before the first product.
private let openBLASKeepsToOneThread: Void = openblas_set_num_threads(1)
