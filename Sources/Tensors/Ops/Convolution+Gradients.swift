internal import CKernels

extension Convolution {
    private var inputShape: [Int] { [window.batch, window.height, window.width, window.channels] }

    /// The gradient of the pictures, [B, H, W, C], from that of the result.
    func inputGradient(_ g: Tensor, _ weight: Tensor) -> Tensor {
        if isDepthwise {
            return .make(inputShape, from: g, weight.permuted(1, 2, 3, 0)) { dx, g, weight in
                withUnsafePointer(to: window) { ck_depthwise_gradient($0, g, weight, dx) }
            }
        }
        if let mirrored, mirrored.isNarrow { return mirrored.narrow(g, weight, nil, turned: true) }
        if let winograd = mirrored?.winograd { return winograd.forward(g, weight: weight, turned: true) }
        return mirrored.map { $0.forward(g, mirroredWeight(weight), nil) } ?? folded(g, weight.permuted(0, 2, 3, 1))
    }

    /// With stride 1 the way back is the convolution of the gradient with the kernel turned round.
    private var mirrored: Convolution? {
        let reach = (
            window.dilation_y * (window.kernel_height - 1), window.dilation_x * (window.kernel_width - 1)
        )
        guard window.stride_y == 1, window.stride_x == 1, window.pad_y <= reach.0, window.pad_x <= reach.1 else {
            return nil
        }
        var back = window
        (back.height, back.width, back.channels) = (window.out_height, window.out_width, out)
        (back.out_height, back.out_width) = (window.height, window.width)
        (back.pad_y, back.pad_x) = (reach.0 - window.pad_y, reach.1 - window.pad_x)
        return Convolution(window: back, out: window.channels, groups: groups)
    }

    /// [out, C / groups, kh, kw] with input and output exchanged within each group and both kernel axes reversed.
    private func mirroredWeight(_ weight: Tensor) -> Tensor {
        let (height, width) = (window.kernel_height, window.kernel_width)
        return weight.flipped(axis: 2).flipped(axis: 3)
            .reshaped([groups, outPerGroup, channels, height, width])
            .permuted(0, 2, 1, 3, 4)
            .reshaped([window.channels, outPerGroup, height, width])
    }

    /// Any stride: rows of gradients are added back where they were unfolded from, a picture at a time.
    private func folded(_ g: Tensor, _ weight: Tensor) -> Tensor {
        let perPicture = window.out_height * window.out_width
        let tiles = PlaceTiles(places: perPicture, depth: depth, out: 1)
        let picture = window.height * window.width * window.channels
        return .make(inputShape, from: g, weight) { dx, g, weight in
            Threads.forEach(window.batch) { pictures in
                Storage.scratch(tiles.rows * depth) { rows in
                    for index in pictures {
                        (dx + index * picture).update(repeating: 0, count: picture)
                        for tile in 0..<tiles.count {
                            let places = tiles[tile].places
                            fold(
                                g, weight, index * perPicture + places.lowerBound, places.count, through: rows, into: dx
                            )
                        }
                    }
                }
            }
        }
    }

    private func fold(
        _ g: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ first: Int, _ count: Int,
        through rows: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>
    ) {
        for group in 0..<groups {
            sgemm(
                false, false, count, depth, outPerGroup, g + first * out + group * outPerGroup, out,
                weight + group * outPerGroup * depth, depth, to: rows, depth)
            withUnsafePointer(to: window) {
                ck_fold_add($0, rows, first, count, group * channels, channels, dx)
            }
        }
    }

    /// The gradient of the weight, [out, C / groups, kh, kw], from that of the result.
    func weightGradient(_ g: Tensor, _ x: Tensor) -> Tensor {
        let kernel = [window.kernel_height, window.kernel_width]
        if isDepthwise {
            let parts = Tensor.make([window.batch] + kernel + [out, 1], from: g, x) { parts, g, x in
                withUnsafePointer(to: window) { ck_depthwise_weight_gradient($0, g, x, parts) }
            }
            return parts.sum(axes: [0]).permuted(2, 3, 0, 1)
        }
        if isNarrow { return narrowWeightGradient(g, x) }
        if let winograd { return winograd.weightGradient(g, x) }
        // Small weights: chunks of places, each into a part of its own. Large ones: one kernel position after another.
        let size = out * depth
        let chunks = size > 1 << 16 ? 1 : max(1, min(16, window.places / 256))
        let pieces = chunks > 1 || channels < 32 ? 1 : window.positions
        let parts = Tensor.make([chunks, out] + kernel + [channels], from: g, x) { parts, g, x in
            Threads.forEach(chunks * pieces * groups) { items in
                for item in items {
                    let (chunk, piece, group) = (item / groups / pieces, item / groups % pieces, item % groups)
                    let positions = window.positions * piece / pieces..<window.positions * (piece + 1) / pieces
                    let places = window.places * chunk / chunks..<window.places * (chunk + 1) / chunks
                    addWeightGradient(g, x, places, positions, group, into: parts + chunk * size)
                }
            }
        }
        return parts.sum(axes: [0]).permuted(0, 3, 1, 2)
    }

    private func addWeightGradient(
        _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ places: Range<Int>, _ positions: Range<Int>,
        _ group: Int, into result: UnsafeMutablePointer<Float>
    ) {
        let columns = positions.count * channels
        let corner = result + group * outPerGroup * depth + positions.lowerBound * channels
        let step = max(64, (1 << 18) / max(columns, 1))
        for row in 0..<outPerGroup where places.isEmpty { (corner + row * depth).update(repeating: 0, count: columns) }
        Storage.scratch(min(step, places.count) * columns) { rows in
            for first in stride(from: places.lowerBound, to: places.upperBound, by: step) {
                let count = min(step, places.upperBound - first)
                withUnsafePointer(to: window) {
                    ck_unfold(
                        $0, x, first, count, positions.lowerBound, positions.count, group * channels, channels, rows)
                }
                sgemm(
                    true, false, outPerGroup, columns, count, g + first * out + group * outPerGroup, out, rows,
                    columns, adding: first > places.lowerBound, to: corner, depth)
            }
        }
    }
}

/// How the places of a convolution are cut into tiles, each with a bounded unfolded copy, and the output channels into
/// columns when there are few places; by shape alone.
struct PlaceTiles {
    let places, out, rows, columns, across: Int
    var count: Int { (places + rows - 1) / rows * across }

    init(places: Int, depth: Int, out: Int) {
        self.places = places
        self.out = out
        let cached = min(max((1 << 18) / max(depth, 1), 64), 1024)
        rows = max(1, min(cached, max(64, places / 16)))
        let down = max((places + rows - 1) / rows, 1)
        let wanted = down >= 8 ? 1 : max(1, min(8 / down, out / 64))
        let panel = Int(CK_PANEL)
        columns = wanted == 1 ? out : ((out + wanted - 1) / wanted + panel - 1) / panel * panel
        across = max((out + columns - 1) / max(columns, 1), 1)
    }

    subscript(_ tile: Int) -> (places: Range<Int>, columns: Range<Int>) {
        let (row, column) = (tile / across * rows, tile % across * columns)
        return (row..<min(row + rows, places), min(column, out)..<min(column + columns, out))
    }
}
