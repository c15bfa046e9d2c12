internal import CKernels

/// The three ways in which published models compute the GELU activation x Φ(x) (Hendrycks and Gimpel 2016).
public enum GELU: String, Sendable, Codable, CaseIterable {
    /// The exact form, x ½ (1 + erf(x / √2)).
    case erf
    /// The approximation by a hyperbolic tangent, x ½ (1 + tanh(√(2/π) (x + 0.044715 x³))).
    case tanh
    /// The approximation by a logistic function, x σ(1.702 x), that the first CLIP models use.
    case quick
}

extension Tensor {
    /// The exponential of every element.
    public func exp() -> Tensor { unary(ck_unary_exp, saving: .result) }

    /// The natural logarithm of every element; -infinity at 0, NaN below.
    public func log() -> Tensor { unary(ck_unary_log, saving: .argument) }

    /// The square root of every element.
    public func sqrt() -> Tensor { unary(ck_unary_sqrt, saving: .result) }

    /// The square of every element.
    public func square() -> Tensor { unary(ck_unary_square, saving: .argument) }

    /// The magnitude of every element; the gradient at 0 is 0.
    public func abs() -> Tensor { unary(ck_unary_abs, saving: .argument) }

    /// The hyperbolic tangent of every element.
    public func tanh() -> Tensor { unary(ck_unary_tanh, saving: .result) }

    /// The error function of every element.
    public func erf() -> Tensor { unary(ck_unary_erf, saving: .argument) }

    /// The logistic function 1 / (1 + exp(-x)) of every element.
    public func sigmoid() -> Tensor { unary(ck_unary_sigmoid, saving: .result) }

    /// log(1 / (1 + exp(-x))) of every element, exact where the sigmoid rounds to 0 or 1.
    public func logSigmoid() -> Tensor { unary(ck_unary_log_sigmoid, saving: .argument) }

    /// log(1 + exp(x)) of every element.
    public func softplus() -> Tensor { unary(ck_unary_softplus, saving: .argument) }

    /// max(x, 0) of every element; the gradient at 0 is 0.
    public func relu() -> Tensor { unary(ck_unary_relu, saving: .result) }

    /// x σ(x) of every element, also called swish.
    public func silu() -> Tensor { unary(ck_unary_silu, saving: .argument) }

    /// x Φ(x) of every element, exact unless another form is named.
    public func gelu(_ form: GELU = .erf) -> Tensor {
        switch form {
        case .erf: unary(ck_unary_gelu_erf, saving: .argument)
        case .tanh: unary(ck_unary_gelu_tanh, saving: .argument)
        case .quick: unary(ck_unary_gelu_quick, saving: .argument)
        }
    }

    /// Every element raised to a power; NaN where a negative element meets a broken exponent.
    public func pow(_ exponent: Float) -> Tensor {
        let x = detached()
        // d xᵖ = p xᵖ⁻¹ dx
        return .operation(x.raised(to: exponent), from: self) { $0 * x.raised(to: exponent - 1) * exponent }
    }

    private func raised(to exponent: Float) -> Tensor {
        let count = count
        return .make(shape, from: self) { ck_power($1, exponent, $0, count) }
    }
}

/// What the gradient of a function is computed from.
private enum Saved { case argument, result }

extension Tensor {
    func mapped(_ op: ck_unary_op) -> Tensor {
        let count = count
        return .make(shape, from: self) { ck_unary(op, $1, $0, count) }
    }

    private func unary(_ op: ck_unary_op, saving: Saved) -> Tensor {
        let y = mapped(op)
        let saved = saving == .argument ? detached() : y
        // dx = g f'(x)
        return .operation(y, from: self) { g in
            .make(g.shape, from: saved, g) { ck_unary_gradient(op, $1, $2, $0, saved.count) }
        }
    }
}
