internal import CKernels

// 3 × 3 convolutions with stride 1 by Winograd's minimal filtering (Lavin and Gray 2016): 2.25 to 4 times fewer
// multiplications. Against double precision the worst result is off by about 1e-6 of the largest with 2 × 2 tiles and
// 2e-5 with 4 × 4 tiles and 512 channels.
extension Convolution {
    /// The convolution in Winograd's form with the tile that costs least; nil when it has none or gains nothing.
    var winograd: ck_winograd? {
        let w = window
        guard w.kernel_height == 3, w.kernel_width == 3, w.stride_y == 1, w.stride_x == 1, w.dilation_y == 1,
            w.dilation_x == 1, w.pad_y <= 2, w.pad_x <= 2, groups == 1, w.channels >= 16, out >= 16
        else { return nil }
        let choices = [(4, 4), (4, 2), (2, 4), (2, 2)].map { tile in
            ck_winograd(
                batch: w.batch, height: w.height, width: w.width, channels: w.channels, out: out, pad_y: w.pad_y,
                pad_x: w.pad_x, tile_y: tile.0, tile_x: tile.1)
        }
        return choices.min { $0.cost < $1.cost }
    }
}

extension ck_winograd {
    /// What the products cost, in products of one row of channels: those of the tiles, and about fifteen for reading
    /// the transformed weight.
    fileprivate var cost: Int {
        let down = (height + 2 * pad_y - 2 + tile_y - 1) / tile_y
        let across = (width + 2 * pad_x - 2 + tile_x - 1) / tile_x
        return (tile_y + 2) * (tile_x + 2) * (batch * down * across + 15)
    }

    private var outShape: [Int] { [batch, height + 2 * pad_y - 2, width + 2 * pad_x - 2, out] }

    /// The convolution with a weight [out, channels, 3, 3], or with `turned` one of [channels, out, 3, 3] that carried
    /// the other way.
    func forward(_ x: Tensor, weight: Tensor, turned: Bool = false, bias: Tensor? = nil) -> Tensor {
        withExtendedLifetime(bias) {
            .make(outShape, from: x, weight) { y, x, weight in
                withUnsafePointer(to: self) {
                    ck_winograd_forward($0, x, nil, weight, turned, bias?.pointer, false, false, y)
                }
            }
        }
    }

    func weightGradient(_ g: Tensor, _ x: Tensor) -> Tensor {
        .make([out, channels, 3, 3], from: g, x) { dweight, g, x in
            withUnsafePointer(to: self) { ck_winograd_weight_gradient($0, x, g, dweight) }
        }
    }

    /// The weight [out, channels, 3, 3] as `forward(_:transformed:)` wants it, times `scale` for each output channel.
    func transformed(_ weight: Tensor, scale: Tensor?) -> Storage {
        let storage = Storage(count: withUnsafePointer(to: self) { ck_winograd_weight_count($0) })
        withExtendedLifetime((weight, scale)) {
            withUnsafePointer(to: self) {
                ck_winograd_weight($0, weight.pointer, scale?.pointer, false, storage.floats)
            }
        }
        return storage
    }

    /// The convolution + bias, or its maximum with 0 when `rectified`, then the mean over 2 × 2 windows when `pooled`.
    func forward(_ x: Tensor, transformed: Storage, bias: Tensor?, rectified: Bool, pooled: Bool) -> Tensor {
        let shape = outShape
        let result = pooled ? [shape[0], shape[1] / 2, shape[2] / 2, shape[3]] : shape
        return withExtendedLifetime((transformed, bias)) {
            .make(result, from: x) { y, x in
                withUnsafePointer(to: self) {
                    ck_winograd_forward($0, x, transformed.floats, nil, false, bias?.pointer, rectified, pooled, y)
                }
            }
        }
    }

    /// Whether both have the same tile, so that one's transformed weight fits the other.
    func hasTile(of other: ck_winograd) -> Bool { tile_y == other.tile_y && tile_x == other.tile_x }

    /// The same convolution with the tile of another.
    func with(tileOf other: ck_winograd) -> ck_winograd {
        var copy = self
        (copy.tile_y, copy.tile_x) = (other.tile_y, other.tile_x)
        return copy
    }

    /// Whether another tile would be much faster.
    func costsMuchMore(than other: ck_winograd) -> Bool { cost * 3 > other.cost * 4 }
}
