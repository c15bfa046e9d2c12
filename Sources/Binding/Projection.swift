public import BinderyLayers
public import BinderyTensors

/// The head between a tower and the space.
public struct Projection: Sendable {
    /// The kinds of heads that published models have.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// The tower's vectors are the space's.
        case none
        /// A matrix.
        case linear
        /// A matrix without bias (CLIP).
        case matrix
        /// Linear, ReLU, linear (LAION-CLAP, Wu and others 2023).
        case mlp
        /// Matrix, GELU, matrix; between them vectors as wide as the mean of both ends (open_clip's head of other text models).
        case gelu
        /// Linear to twice the space's width, GELU, matrix (open_clip's head of large ConvNeXts).
        case broad
        /// e + W₂ GELU(e), e = W₁ x, then layer norm (MS-CLAP, Elizalde and others 2023).
        case residual
    }

    private let kind: Kind
    private let first: Linear?
    private let second: Linear?
    private let norm: LayerNorm?

    /// Parameters `first`, `second`, `norm` below `scope`, as far as the kind has them; a single matrix lies at `scope`.
    public init(_ kind: Kind, _ scope: Scope, from: Int, to: Int) {
        self.kind = kind
        switch kind {
        case .none: (first, second, norm) = (nil, nil, nil)
        case .linear, .matrix:
            first = Linear(scope, from: from, to: to, bias: kind == .linear)
            (second, norm) = (nil, nil)
        case .mlp:
            first = Linear(scope["first"], from: from, to: to)
            second = Linear(scope["second"], from: to, to: to)
            norm = nil
        case .gelu:
            let between = (from + to) / 2
            first = Linear(scope["first"], from: from, to: between, bias: false)
            second = Linear(scope["second"], from: between, to: to, bias: false)
            norm = nil
        case .broad:
            first = Linear(scope["first"], from: from, to: to * 2)
            second = Linear(scope["second"], from: to * 2, to: to, bias: false)
            norm = nil
        case .residual:
            first = Linear(scope["first"], from: from, to: to, bias: false)
            second = Linear(scope["second"], from: to, to: to, bias: false)
            norm = LayerNorm(scope["norm"], width: to)
        }
    }

    /// [N, from] to [N, to].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard let first else { return x }
        let e = first(x)
        guard let second else { return e }
        guard let norm else { return second(kind == .mlp ? e.relu() : e.gelu(.erf)) }
        return norm(e + second(e.gelu(.erf)))
    }
}
