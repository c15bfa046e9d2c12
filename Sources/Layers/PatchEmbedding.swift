public import BinderyTensors

/// Tokens from the patches of a one-channel plane: ImageBind's stem for spectrograms, depth and heat.
///
/// Shapes: `B` planes, `H` × `W` numbers, `N` patches, `D` width.
public struct PatchEmbedding: Sendable {
    /// How many tokens a plane gives, N.
    public let tokens: Int
    private let convolution: Convolution2D
    private let norm: LayerNorm

    /// Parameters `weight` and `norm` below `scope`; patches of `patch` numbers a side begin every `stride`.
    ///
    /// Traps unless a patch fits the plane.
    public init(_ scope: Scope, plane: (height: Int, width: Int), patch: Int, stride: Int, width: Int) {
        precondition(patch <= min(plane.height, plane.width), "patches of \(patch) do not fit \(plane)")
        tokens = ((plane.height - patch) / stride + 1) * ((plane.width - patch) / stride + 1)
        convolution = Convolution2D(
            scope, from: 1, to: width, kernel: (patch, patch), stride: (stride, stride), bias: false)
        norm = LayerNorm(scope["norm"], width: width)
    }

    /// [B, H, W] to [B, N, D], row by row.
    public func callAsFunction(_ planes: Tensor) -> Tensor {
        let patches = convolution(planes.reshaped(planes.shape + [1]))
        return norm(patches.reshaped([patches.shape[0], tokens, patches.shape[3]]))
    }
}

/// Tokens from patches that reach over several pictures in a row: ImageBind's stem for pictures and video.
///
/// Shapes: `B` clips of `T` pictures, `S` pixels a side, `N` patches, `D` width.
public struct FrameEmbedding: Sendable {
    /// How many tokens a clip gives, N.
    public let tokens: Int
    /// How many pictures a patch reaches over, T.
    public let frames: Int
    private let weight: Parameter
    private let patch: Int

    /// Parameter `weight` below `scope`, [D, T, 3, patch, patch]; traps unless `patch` divides `side`.
    public init(_ scope: Scope, side: Int, patch: Int, frames: Int, width: Int) {
        precondition(side % patch == 0, "patches of \(patch) do not tile \(side) pixels")
        tokens = (side / patch) * (side / patch)
        self.frames = frames
        self.patch = patch
        weight = scope("weight", width, frames, 3, patch, patch, start: .fanIn(3 * frames * patch * patch))
    }

    /// Stills, [B, S, S, 3] to [B, N, D]: every picture stands for all of its clip.
    public func stills(_ pictures: Tensor) -> Tensor { embed(pictures, weight().sum(axes: [1])) }

    /// Clips, [B, T, S, S, 3] to [B, N, D].
    public func clips(_ clips: Tensor) -> Tensor {
        let shape = clips.shape
        let channels = clips.permuted([0, 2, 3, 1, 4]).reshaped([shape[0], shape[2], shape[3], frames * 3])
        let width = weight.shape[0]
        return embed(channels, weight().reshaped([width, frames * 3, patch, patch]))
    }

    private func embed(_ maps: Tensor, _ weight: Tensor) -> Tensor {
        let patches = maps.convolution2D(
            weight: weight, bias: nil, stride: (patch, patch), padding: (0, 0), groups: 1)
        return patches.reshaped([patches.shape[0], tokens, weight.shape[0]])
    }
}
