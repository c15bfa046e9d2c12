import BinderyTensors
import TestSupport
import Testing

/// Products with a packed matrix against plain ones, for every instruction set.
@Suite struct PackedMatrixTests {
    @Test(arguments: [
        [1, 1, 1], [1, 33, 7], [5, 32, 64], [13, 65, 1030], [50, 96, 512], [113, 31, 3], [230, 70, 1024], [0, 4, 4],
    ]) func agreesWithPlainProducts(sizes: [Int]) {
        defer { Instructions.avx512.limit() }
        let (m, n, k) = (sizes[0], sizes[1], sizes[2])
        let (x, w) = (Tensor.varied([m, k], seed: 1), Tensor.varied([n, k], seed: 2))
        let (bias, residual) = (Tensor.varied([n], seed: 3), Tensor.varied([m, n], seed: 4))
        let product = x.matmul(w.permuted(1, 0))
        let packed = PackedMatrix(w)
        for set in Instructions.allCases {
            set.limit()
            expectClose(x.linear(packed: packed), product, "\(sizes) \(set)")
            #expect(x.linear(packing: w, bias: bias).values == x.linear(packed: packed, bias: bias).values)
            let functions: [(FusedFunction, (Tensor) -> Tensor)] = [
                (.none, { $0 }), (.relu, { $0.relu() }), (.silu, { $0.silu() }), (.tanh, { $0.tanh() }),
                (.gelu(.erf), { $0.gelu(.erf) }), (.gelu(.tanh), { $0.gelu(.tanh) }),
                (.gelu(.quick), { $0.gelu(.quick) }),
            ]
            for (fused, plain) in functions {
                expectClose(
                    x.linear(packed: packed, bias: bias, fused, residual: residual), plain(product + bias) + residual,
                    absolute: 1e-5, "\(sizes) \(set) \(fused)")
            }
        }
    }
}
