public import BinderyTensors

/// The pointwise functions that published models name.
public enum Activation: String, CaseIterable, Sendable, Codable {
    case relu
    /// x Φ(x) by the error function.
    case gelu
    /// The tanh approximation of GELU.
    case geluTanh = "gelu_tanh"
    /// x σ(1.702 x), as OpenAI's CLIP uses it.
    case quickGELU = "quick_gelu"
    case silu
    case tanh
    case identity

    /// The function that the hub's `hidden_act` spelling means, nil when it is none of ours.
    public init?(hub name: String) {
        switch name {
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_tanh": self = .geluTanh
        case "swish", "silu": self = .silu
        case "linear", "identity", "none": self = .identity
        default: self.init(rawValue: name)
        }
    }

    /// The function as a product applies it to its sums.
    var fused: FusedFunction {
        switch self {
        case .relu: .relu
        case .gelu: .gelu(.erf)
        case .geluTanh: .gelu(.tanh)
        case .quickGELU: .gelu(.quick)
        case .silu: .silu
        case .tanh: .tanh
        case .identity: .none
        }
    }

    /// The function of every element.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .relu: x.relu()
        case .gelu: x.gelu(.erf)
        case .geluTanh: x.gelu(.tanh)
        case .quickGELU: x.gelu(.quick)
        case .silu: x.silu()
        case .tanh: x.tanh()
        case .identity: x
        }
    }
}
