internal import CKernels

/// A matrix [n, k] in the order in which the product's register tiles read it.
package struct PackedMatrix: Sendable {
    /// How many columns the product has, and how long they are.
    package let n, k: Int
    private let storage: Storage

    /// Packs the rows of a weight [n, k].
    package init(_ weight: Tensor) {
        precondition(weight.rank == 2, "PackedMatrix: shape \(weight.shape), expected [n, k]")
        self.init(weight, n: weight.shape[0], k: weight.shape[1], columnStep: weight.shape[1], kStep: 1)
    }

    /// Packs n columns of k numbers that lie `columnStep` and `kStep` floats apart.
    init(_ b: Tensor, n: Int, k: Int, columnStep: Int, kStep: Int) {
        (self.n, self.k) = (n, k)
        let storage = Storage(count: ck_packed_count(n, k))
        withExtendedLifetime(b) { ck_pack(b.pointer, n, k, columnStep, kStep, storage.floats) }
        self.storage = storage
    }

    /// Calls `body` with the panels from column `column`, a multiple of `CK_PANEL`, on.
    func read<R>(from column: Int = 0, _ body: (UnsafePointer<Float>) -> R) -> R {
        withExtendedLifetime(storage) { body(storage.floats + column * k) }
    }
}

/// The functions that a product can apply to its sums before they leave the cache.
package enum FusedFunction: Sendable {
    case none, relu, silu, tanh
    case gelu(GELU)

    var code: Int32 {
        switch self {
        case .none: -1
        case .relu: Int32(ck_unary_relu.rawValue)
        case .silu: Int32(ck_unary_silu.rawValue)
        case .tanh: Int32(ck_unary_tanh.rawValue)
        case .gelu(.erf): Int32(ck_unary_gelu_erf.rawValue)
        case .gelu(.tanh): Int32(ck_unary_gelu_tanh.rawValue)
        case .gelu(.quick): Int32(ck_unary_gelu_quick.rawValue)
        }
    }
}

extension Tensor {
    /// f(x weightᵀ + bias) + residual over the last axis, which records nothing: [… k] gives [… n].
    package func linear(
        packed weight: PackedMatrix, bias: Tensor? = nil, _ function: FusedFunction = .none, residual: Tensor? = nil
    ) -> Tensor {
        precondition(
            rank >= 1 && shape[rank - 1] == weight.k, "linear: shape \(shape), packed [\(weight.n), \(weight.k)]")
        let result = shape.dropLast() + [weight.n]
        precondition(
            bias.map { $0.shape == [weight.n] } ?? true && residual.map { $0.shape == Array(result) } ?? true,
            "linear: bias \(bias?.shape ?? []), residual \(residual?.shape ?? []), result \(result)")
        let rows = shape.dropLast().reduce(1, *)
        return withExtendedLifetime((bias, residual)) {
            .make(Array(result), from: self) { y, x in
                var finish = ck_product_finish(
                    bias: bias?.pointer, activation: function.code, residual: residual?.pointer,
                    residual_row: weight.n)
                weight.read { ck_packed_product(rows, weight.n, weight.k, x, weight.k, $0, &finish, y, weight.n) }
            }
        }
    }

    /// The same, bit by bit, with a weight [n, k] that is packed piece by piece on the way and not kept.
    package func linear(
        packing weight: Tensor, bias: Tensor? = nil, _ function: FusedFunction = .none, residual: Tensor? = nil
    ) -> Tensor {
        let (n, k) = (weight.shape[0], weight.shape[1])
        precondition(rank >= 1 && shape[rank - 1] == k, "linear: shape \(shape), weight [\(n), \(k)]")
        let rows = shape.dropLast().reduce(1, *)
        return withExtendedLifetime((bias, residual)) {
            .make(Array(shape.dropLast()) + [n], from: self, weight) { y, x, weight in
                var finish = ck_product_finish(
                    bias: bias?.pointer, activation: function.code, residual: residual?.pointer, residual_row: n)
                ck_plain_product(rows, n, k, x, k, 1, weight, k, 1, &finish, y, n)
            }
        }
    }
}
