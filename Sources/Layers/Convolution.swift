public import BinderyTensors

/// A two-dimensional convolution over channels-last maps.
public struct Convolution2D: Sendable {
    /// [to, from / groups, kernel height, kernel width].
    public let weight: Parameter
    /// [to].
    public let bias: Parameter?
    let stride: (Int, Int)
    let padding: (Int, Int)
    let groups: Int

    /// Parameters `weight` and `bias` below `scope`; pairs are (height, width).
    public init(
        _ scope: Scope, from: Int, to: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0), groups: Int = 1, bias: Bool = true
    ) {
        let fanIn = from / groups * kernel.0 * kernel.1
        weight = scope("weight", to, from / groups, kernel.0, kernel.1, start: .fanIn(fanIn))
        self.bias = bias ? scope("bias", to, start: .fanIn(fanIn)) : nil
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }

    /// [B, H, W, from] to [B, H', W', to].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.convolution2D(weight: weight(), bias: bias?(), stride: stride, padding: padding, groups: groups)
    }
}
