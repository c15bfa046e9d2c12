internal import BinderyLayers
internal import BinderyTensors

// B clips, H×W positions, C channels, R reduced channels.

/// Attentional feature fusion (Dai and others 2021): two maps are mixed by weights that both of them decide, at every
/// position and over the whole map.
struct FeatureFusion: Sendable {
    private let local: Gate
    private let global: Gate

    /// Two 1×1 convolutions with batch norm and a ReLU between them.
    private struct Gate {
        let reduce: Linear
        let norm1: BatchNorm
        let expand: Linear
        let norm2: BatchNorm

        init(_ scope: Scope, width: Int, reduced: Int) {
            reduce = Linear(scope["reduce"], from: width, to: reduced)
            norm1 = BatchNorm(scope["norm1"], width: reduced)
            expand = Linear(scope["expand"], from: reduced, to: width)
            norm2 = BatchNorm(scope["norm2"], width: width)
        }

        func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
            norm2(expand(norm1(reduce(x), pass).relu()), pass)
        }
    }

    /// Parts `local` and `global` below `scope`, each with `reduce`, `norm1`, `expand`, `norm2`.
    init(_ scope: Scope, width: Int, reduction: Int) {
        local = Gate(scope["local"], width: width, reduced: max(width / reduction, 1))
        global = Gate(scope["global"], width: width, reduced: max(width / reduction, 1))
    }

    /// [B, H, W, C] twice to the same shape.
    func callAsFunction(_ a: Tensor, _ b: Tensor, _ pass: Pass) -> Tensor {
        let both = a + b
        let share = (local(both, pass) + global(both.mean(axes: [1, 2], keeping: true), pass)).sigmoid()
        return (a * share + b * (1 - share)) * 2
    }
}
