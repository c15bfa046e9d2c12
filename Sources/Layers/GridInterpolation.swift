public import BinderyTensors

/// How a grid of learned rows is stretched over a grid of another size.
public enum GridInterpolation: String, CaseIterable, Sendable, Codable {
    /// Keys (1981) with a = -0.75 between the four nearest rows, those beyond the edge being the edge's.
    case bicubic
    /// Keys with a = -0.5; where the grid shrinks, over as many more rows as it shrinks by, those beyond the edge left out.
    case bicubicAntialiased = "bicubic_antialiased"
    /// Between the two nearest rows; where the grid shrinks, over as many as it shrinks by.
    case bilinearAntialiased = "bilinear_antialiased"

    /// What each of `outputs` places takes from each of `inputs`: [outputs, inputs], rows sum to 1.
    ///
    /// Places are those of pixels' centres.
    public func weights(from inputs: Int, to outputs: Int) -> Tensor {
        precondition(inputs > 0 && outputs > 0, "interpolation: from \(inputs) to \(outputs) places")
        let scale = Double(inputs) / Double(outputs)
        return Tensor(shape: [outputs, inputs]) { target in
            for index in target.indices { target[index] = 0 }
            for output in 0..<outputs {
                for (input, weight) in taps(at: (Double(output) + 0.5) * scale, scale, inputs) {
                    target[output * inputs + input] += Float(weight)
                }
            }
        }
    }

    private func taps(at centre: Double, _ scale: Double, _ inputs: Int) -> [(Int, Double)] {
        switch self {
        case .bicubic:
            let place = centre - 0.5
            let first = Int(place.rounded(.down)) - 1
            return (first...first + 3).map { (min(max($0, 0), inputs - 1), cubic(place - Double($0), -0.75)) }
        case .bicubicAntialiased: return widened(at: centre, scale, inputs, reach: 2) { cubic($0, -0.5) }
        case .bilinearAntialiased: return widened(at: centre, scale, inputs, reach: 1) { max(1 - abs($0), 0) }
        }
    }

    /// A kernel that widens where the grid shrinks, over the inputs there are.
    private func widened(
        at centre: Double, _ scale: Double, _ inputs: Int, reach: Double, _ kernel: (Double) -> Double
    ) -> [(Int, Double)] {
        let spread = max(scale, 1)
        let first = max(Int(centre - reach * spread + 0.5), 0)
        let end = max(min(Int(centre + reach * spread + 0.5), inputs), first + 1)
        let weights = (first..<end).map { kernel((Double($0) - centre + 0.5) / spread) }
        let total = weights.reduce(0, +)
        return zip(first..<end, weights).map { ($0, $1 / total) }
    }

    private func cubic(_ distance: Double, _ a: Double) -> Double {
        let x = abs(distance)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
}

extension Tensor {
    /// A grid of rows, [height · width, D], stretched to another size: [height′ · width′, D].
    public func interpolatedGrid(
        from old: (height: Int, width: Int), to new: (height: Int, width: Int), _ kind: GridInterpolation
    ) -> Tensor {
        guard old != new else { return self }
        precondition(rank == 2 && shape[0] == old.height * old.width, "interpolatedGrid: \(shape) is not a \(old) grid")
        let width = shape[1]
        let stretched = kind.weights(from: old.height, to: new.height)
            .matmul(reshaped([old.height, old.width * width]))
        let rows = stretched.reshaped([new.height, old.width, width])
        let across = kind.weights(from: old.width, to: new.width).reshaped([1, new.width, old.width])
        return across.matmul(rows).reshaped([new.height * new.width, width])
    }
}
