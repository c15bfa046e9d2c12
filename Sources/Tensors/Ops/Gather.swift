internal import CKernels

extension Tensor {
    /// The rows (positions of the first axis) with the given numbers, in that order; a row may occur many times.
    ///
    /// [rows, …] gives [numbers.count, …]. Traps on a number outside the first axis.
    public func gather(rows numbers: [Int]) -> Tensor {
        guard let rows = shape.first else { preconditionFailure("gather: a scalar has no rows") }
        precondition(
            numbers.allSatisfy { $0 >= 0 && $0 < rows },
            "gather: row \(numbers.first { $0 < 0 || $0 >= rows } ?? 0) of \(rows)")
        let shape = shape
        let width = shape.dropFirst().reduce(1, *)
        let y = Tensor.make([numbers.count] + shape.dropFirst(), from: self) {
            ck_gather($1, numbers, numbers.count, width, $0)
        }
        // dx[numbers[i]] += g[i]
        return .operation(y, from: self) { g in
            .make(shape, from: g) {
                ck_fill($0, 0, rows * width)
                ck_scatter_add($1, numbers, numbers.count, width, $0)
            }
        }
    }
}
