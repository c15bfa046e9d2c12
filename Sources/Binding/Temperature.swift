public import BinderyLayers
public import BinderyTensors

import Foundation

/// How a pair turns cosines into logits: scale · cosine + bias.
public struct Temperature: Sendable {
    /// The natural logarithm of the scale, a scalar.
    public let logScale: Parameter
    /// The same for logits whose rows are those of the pair's second tower, where it has its own (LAION-CLAP).
    public let logScaleBack: Parameter?
    /// A scalar.
    public let bias: Parameter?
    let most: Double?
    /// Whether training may change it.
    public let isLearned: Bool

    init(_ scope: Scope, _ pair: JointSpace.Plan.Pair) {
        logScale = scope("log_scale", start: .constant(Float(log(pair.scale))))
        logScaleBack = pair.scaleBack.map { scope("log_scale_back", start: .constant(Float(log($0)))) }
        bias = pair.bias.map { scope("bias", start: .constant(Float($0))) }
        most = pair.most
        isLearned = pair.isLearned
    }

    /// The scale, a scalar tensor.
    public var scale: Tensor { logScale().exp() }

    /// The scale of logits whose rows are those of the pair's second tower, a scalar tensor.
    public var scaleBack: Tensor { (logScaleBack ?? logScale)().exp() }

    /// Holds the scale at its bound after a training step, where the gradient can still lower it.
    public func clamp() {
        guard let most else { return }
        let highest = Float(log(most))
        for scale in [logScale, logScaleBack].compactMap({ $0 }) where scale.value.item > highest {
            scale.value = Tensor(highest)
        }
    }
}
