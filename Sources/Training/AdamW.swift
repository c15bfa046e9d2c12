internal import CKernels
public import BinderyLayers
public import BinderyTensors
import Foundation

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), with PyTorch's order of operations.
public struct AdamW: Sendable {
    /// What a group of parameters has of its own.
    public struct Group: Sendable {
        /// The parameters.
        public let parameters: [Parameter]
        /// The learning rate before the schedule.
        public let rate: Double
        /// The decoupled weight decay.
        public let decay: Double

        /// A group.
        public init(parameters: [Parameter], rate: Double, decay: Double) {
            self.parameters = parameters
            self.rate = rate
            self.decay = decay
        }
    }

    /// The groups, in the order they are updated.
    public let groups: [Group]
    let betas: (Double, Double)
    let epsilon: Double
    /// First and second moments by parameter name, made when a parameter first has a gradient.
    private(set) var moments: [String: (first: Tensor, second: Tensor)] = [:]
    /// How many updates each parameter has had, by name.
    private(set) var updates: [String: Int] = [:]

    /// An optimiser that has taken no step.
    public init(groups: [Group], betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8) {
        self.groups = groups
        self.betas = betas
        self.epsilon = epsilon
    }

    /// Continues from saved moments.
    mutating func restore(_ saved: [String: (first: Tensor, second: Tensor, updates: Int)]) {
        moments = saved.mapValues { ($0.first, $0.second) }
        updates = saved.mapValues(\.updates)
    }

    /// Updates every parameter that has a gradient and returns the norm of all gradients together.
    ///
    /// `factor` multiplies each group's rate; `clip` bounds that norm.
    @discardableResult
    public mutating func step(_ gradients: Gradients, factor: Double = 1, clip: Double? = nil) -> Double {
        let known = clip.map { _ in norm(of: gradients) }
        var scale = 1.0
        if let clip, let known, known > clip { scale = clip / (known + 1e-6) }
        var squares = 0.0
        for group in groups {
            for parameter in group.parameters {
                guard let gradient = gradients[parameter] else { continue }
                squares += update(parameter, gradient, rate: group.rate * factor, decay: group.decay, scale: scale)
            }
        }
        return known ?? squares.squareRoot()
    }

    /// Returns the sum of the squares of the gradient.
    private mutating func update(
        _ parameter: Parameter, _ gradient: Tensor, rate: Double, decay: Double, scale: Double
    ) -> Double {
        let name = parameter.name
        let count = updates[name, default: 0] + 1
        updates[name] = count
        var (first, second) =
            moments.removeValue(forKey: name) ?? (.zeros(parameter.shape), .zeros(parameter.shape))
        let step = ck_adamw_step(
            rate: Float(rate), decay: Float(decay), beta1: Float(betas.0), beta2: Float(betas.1),
            epsilon: Float(epsilon), correction1: Float(1 - pow(betas.0, Double(count))),
            correction2: Float(1 - pow(betas.1, Double(count))))
        var squares = 0.0
        parameter.update { values in
            first.changeInPlace { first in
                second.changeInPlace { second in
                    gradient.read { gradient in
                        guard let p = values.baseAddress, let g = gradient.baseAddress, let m = first.baseAddress,
                            let v = second.baseAddress
                        else { return }
                        squares = ck_adamw(p, g, m, v, values.count, Float(scale), step)
                    }
                }
            }
        }
        moments[name] = (first, second)
        return squares
    }

    private func norm(of gradients: Gradients) -> Double {
        let squares = groups.flatMap(\.parameters).map { parameter in
            gradients[parameter].map { Double($0.square().sum().item) } ?? 0
        }
        return squares.reduce(0, +).squareRoot()
    }
}
