public import BinderyTensors

/// An affine map of the last axis: x Wᵀ + b.
public struct Linear: Sendable {
    /// [to, from].
    public let weight: Parameter
    /// [to].
    public let bias: Parameter?

    /// Parameters `weight` and `bias` below `scope`.
    public init(_ scope: Scope, from: Int, to: Int, bias: Bool = true) {
        weight = scope("weight", to, from, start: .fanIn(from))
        self.bias = bias ? scope("bias", to, start: .fanIn(from)) : nil
    }

    /// [..., from] to [..., to].
    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight(), bias: bias?()) }
}
