internal import BinderyLayers
internal import BinderyTensors

// B clips, S the side of the picture, G that of its grid of patches, C channels.

/// How HTSAT's picture of a sound becomes a map of patches: a convolution and layer norm; with fusion, a second
/// convolution over three close-ups that is mixed in (Wu and others 2023, section 2.3).
struct HTSATPatches: Sendable {
    private let projection: Convolution2D
    private let norm: LayerNorm
    private let closeUps: Convolution2D?
    private let fusion: FeatureFusion?

    /// The channels of a clip that shows the whole and three close-ups.
    static let channels = 4

    /// Layers `projection`, `norm`, and with a `reduction` for fusion `close_ups` and `fusion`, below `scope`.
    init(_ scope: Scope, patch: Int, stride: Int, width: Int, fusionReduction reduction: Int?) {
        let padding = ((patch - stride) / 2, (patch - stride) / 2)
        projection = Convolution2D(
            scope["projection"], from: 1, to: width, kernel: (patch, patch), stride: (stride, stride),
            padding: padding)
        norm = LayerNorm(scope["norm"], width: width)
        // A close-up is three times as wide as its share of the picture, so that three stand side by side on the grid.
        closeUps = reduction.map { _ in
            Convolution2D(
                scope["close_ups"], from: 1, to: width, kernel: (patch, 3 * patch), stride: (stride, 3 * stride),
                padding: padding)
        }
        fusion = reduction.map { FeatureFusion(scope["fusion"], width: width, reduction: $0) }
    }

    /// [B, 1 or 4, S, S] to [B, G, G, C].
    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let (batch, side) = (x.shape[0], x.shape[2])
        let whole = projection(x.slice(axis: 1, 0..<1).reshaped([batch, side, side, 1]))
        guard let closeUps, let fusion, x.shape[1] > 1 else { return norm(whole) }
        let count = x.shape[1] - 1
        let close = closeUps(x.slice(axis: 1, 1..<count + 1).reshaped([batch * count, side, side, 1]))
        let (height, width, channels) = (close.shape[1], close.shape[2], close.shape[3])
        let row = close.reshaped([batch, count, height, width, channels]).permuted(0, 2, 1, 3, 4)
            .reshaped([batch, height, count * width, channels])
        let filled = row.padded([(0, 0), (0, 0), (0, whole.shape[2] - count * width), (0, 0)])
        return norm(fusion(whole, filled, pass))
    }
}
