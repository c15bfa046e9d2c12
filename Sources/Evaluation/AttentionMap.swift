public import BinderyLayers
public import BinderyTensors

/// Where in a picture a Transformer looked: attention rolled out over its layers.
///
/// Every layer's weights, averaged over heads, are mixed in equal parts with the identity, which stands for the residual, and
/// multiplied (Abnar and Zuidema 2020, section 3.2); the class token's row is what is drawn, or the mean of all rows where there
/// is none. It is defined for attention over all patches, not for attention within windows (Liu and others 2021), between which
/// patches are merged.
public struct AttentionMap: Sendable {
    /// The share of each patch, by row and column from the top left, from 0 to 1 at the highest.
    public let shares: [[Float]]
    /// What the network saw, [height, width, 3] from 0 to 1.
    public let picture: Tensor

    /// The map of a picture by what was seen of its attentions; nil where none was over the patches of the whole picture.
    public init?(_ clip: Tensor?, _ seen: AttentionWatch.Seen) {
        guard let clip, clip.rank == 3, clip.shape[2] == 1 || clip.shape[2] == 3,
            let shares = Self.rollout(seen.weights, over: seen.grid)
        else {
            return nil
        }
        self.shares = shares
        let values = clip.values
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let scaled = values.map { ($0 - low) / max(high - low, 1e-6) }
        picture =
            clip.shape[2] == 3
            ? Tensor(scaled, clip.shape)
            : Tensor(scaled.flatMap { [$0, $0, $0] }, [clip.shape[0], clip.shape[1], 3])
    }

    /// The shares of the patches by the weights of each layer, [1, heads, T, T]; a last one of one row is a pooling head's.
    ///
    /// Nil when they are not those of a grid of patches behind a few other tokens; the grid is a square unless it is named.
    public static func rollout(_ weights: [Tensor], over grid: (rows: Int, columns: Int)? = nil) -> [[Float]]? {
        guard let tokens = weights.first?.shape.last, weights.allSatisfy({ $0.rank == 4 && $0.shape[0] == 1 }) else {
            return nil
        }
        let edge = Int(Double(tokens).squareRoot())
        let (rows, columns) = grid ?? (edge, edge)
        let extras = tokens - rows * columns
        guard extras >= 0, rows * columns > 1 else { return nil }
        var rolled = Tensor.identity(tokens)
        var row: Tensor?
        for layer in weights {
            let mean = layer.mean(axes: [1]).reshaped([layer.shape[2], layer.shape[3]])
            if mean.shape == [tokens, tokens] {
                rolled = ((mean + Tensor.identity(tokens)) * 0.5).matmul(rolled)
            } else if mean.shape == [1, tokens] {
                row = mean.matmul(rolled)
            } else {
                return nil
            }
        }
        let looked = row ?? (extras > 0 ? rolled.slice(axis: 0, 0..<1) : rolled.mean(axes: [0], keeping: true))
        let shares = Array(looked.values.suffix(rows * columns))
        let (low, high) = (shares.min() ?? 0, shares.max() ?? 1)
        guard high > low else { return nil }
        return (0..<rows).map { y in (0..<columns).map { (shares[y * columns + $0] - low) / (high - low) } }
    }

    /// The picture in grey with the map over it from blue to red, `side` pixels an edge: red, green, blue of every pixel.
    public func drawn(side: Int = 224) -> [UInt8] {
        let (height, width) = (picture.shape[0], picture.shape[1])
        let values = picture.values
        var pixels: [UInt8] = []
        pixels.reserveCapacity(side * side * 3)
        for y in 0..<side {
            for x in 0..<side {
                let place = (y * height / side * width + x * width / side) * 3
                let grey = 0.3 * values[place] + 0.6 * values[place + 1] + 0.1 * values[place + 2]
                let share = share(x: (Float(x) + 0.5) / Float(side), y: (Float(y) + 0.5) / Float(side))
                let heat = [min(share * 2, 1), min(share, 1 - share) * 1.6, max(1 - share * 2, 0)]
                for colour in heat { pixels.append(UInt8((0.55 * grey + 0.45 * colour) * 255)) }
            }
        }
        return pixels
    }

    /// The share at a place from 0 to 1, between the four nearest patches.
    private func share(x: Float, y: Float) -> Float {
        func axis(_ place: Float, _ count: Int) -> (Int, Int, Float) {
            let at = min(max(place * Float(count) - 0.5, 0), Float(count - 1))
            return (Int(at), min(Int(at) + 1, count - 1), at - Float(Int(at)))
        }
        let ((left, right, u), (top, bottom, v)) = (axis(x, shares[0].count), axis(y, shares.count))
        let above = shares[top][left] * (1 - u) + shares[top][right] * u
        return above * (1 - v) + (shares[bottom][left] * (1 - u) + shares[bottom][right] * u) * v
    }
}

extension Tensor {
    /// Ones on the diagonal, [size, size].
    fileprivate static func identity(_ size: Int) -> Tensor {
        Tensor((0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }, [size, size])
    }
}
