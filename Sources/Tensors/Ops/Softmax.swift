internal import CKernels

extension Tensor {
    /// exp(x) / Σ exp(x) along the last axis; a row of nothing but -infinity, all of it masked, gives zeros.
    public func softmax() -> Tensor {
        let (rows, extent) = rows("softmax")
        let y = Tensor.make(shape, from: self) { ck_softmax($1, rows, extent, $0) }
        // dx = y (g - Σ g y)
        return .operation(y, from: self) { g in
            .make(g.shape, from: y, g) { ck_softmax_gradient($1, $2, rows, extent, $0) }
        }
    }

    /// x - log Σ exp(x) along the last axis.
    public func logSoftmax() -> Tensor {
        let (rows, extent) = rows("logSoftmax")
        let y = Tensor.make(shape, from: self) { ck_log_softmax($1, rows, extent, $0) }
        // dx = g - exp(y) Σ g
        return .operation(y, from: self) { g in
            .make(g.shape, from: y, g) { ck_log_softmax_gradient($1, $2, rows, extent, $0) }
        }
    }

    /// How many rows there are along the last axis and how long they are; traps on a scalar.
    func rows(_ operation: StaticString) -> (rows: Int, extent: Int) {
        guard let extent = shape.last else { preconditionFailure("\(operation): a scalar has no last axis") }
        return (shape.dropLast().reduce(1, *), extent)
    }
}
