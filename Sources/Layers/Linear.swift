public import BinderyTensors

/// An affine map of the last axis: x Wᵀ + b.
public struct Linear: Sendable {
    /// [to, from].
    public let weight: Parameter
    /// [to].
    public let bias: Parameter?
    private let adapter: LowRank?

    /// Parameters `weight` and `bias` below `scope`, and those of an adapter where the scope asks for one.
    public init(_ scope: Scope, from: Int, to: Int, bias: Bool = true) {
        weight = scope("weight", to, from, start: .fanIn(from))
        self.bias = bias ? scope("bias", to, start: .fanIn(from)) : nil
        adapter = scope.adapter(from: from, to: to)
    }

    /// [..., from] to [..., to].
    public func callAsFunction(_ x: Tensor) -> Tensor { self(x, then: .identity, adding: nil) }

    /// f(x Wᵀ + b) + residual: one operation over a weight that is packed once, where nothing is tracked.
    func callAsFunction(_ x: Tensor, then activation: Activation, adding residual: Tensor? = nil) -> Tensor {
        if let adapter {
            let y = activation(x.linear(weight: weight(), bias: bias?()) + adapter(x))
            return residual.map { $0 + y } ?? y
        }
        guard !x.isTracked, residual?.isTracked != true, weight.isFrozen, bias?.isFrozen != false else {
            let y = activation(x.linear(weight: weight(), bias: bias?()))
            return residual.map { $0 + y } ?? y
        }
        guard let packed = weight.derivedOnReuse("packed", atOnce: Linear.isLarge(x), { PackedMatrix($0) }) else {
            return x.linear(packing: weight.value, bias: bias?.value, activation.fused, residual: residual)
        }
        return x.linear(packed: packed, bias: bias?.value, activation.fused, residual: residual)
    }

    /// Whether there are enough rows for packing to pay at once.
    private static func isLarge(_ x: Tensor) -> Bool { x.count / max(x.shape.last ?? 1, 1) >= 1024 }

    /// Several maps of the same input side by side, where nothing is tracked: [..., from] to [..., sum of to].
    static func sideBySide(_ maps: [Linear], _ x: Tensor) -> Tensor? {
        let weights = maps.map(\.weight)
        let biases = maps.compactMap(\.bias)
        guard !x.isTracked, (weights + biases).allSatisfy(\.isFrozen), biases.isEmpty || biases.count == maps.count,
            maps.allSatisfy({ $0.adapter == nil }),
            let first = weights.first
        else { return nil }
        let sources = (weights + biases).map(\.value)
        let joined = first.derivedOnReuse(
            "side by side", atOnce: isLarge(x), where: { $0.isMade(of: sources) }
        ) { _ in Joined(sources, maps.count) }
        guard let joined else {
            return Tensor.concatenated(
                maps.map { x.linear(packing: $0.weight.value, bias: $0.bias?.value) }, axis: x.rank - 1)
        }
        return x.linear(packed: joined.weight, bias: joined.bias)
    }

    /// Weights and biases one after another.
    private struct Joined: Sendable {
        let weight: PackedMatrix
        let bias: Tensor?
        private let sources: [Tensor]

        init(_ sources: [Tensor], _ maps: Int) {
            self.sources = sources
            weight = PackedMatrix(Tensor.concatenated(Array(sources[..<maps]), axis: 0))
            bias = sources.count > maps ? Tensor.concatenated(Array(sources[maps...]), axis: 0) : nil
        }

        func isMade(of others: [Tensor]) -> Bool {
            sources.count == others.count && zip(sources, others).allSatisfy { $0.isSame(as: $1) }
        }
    }
}
