package import BinderyTensors

/// A correction of a frozen matrix by the product of two narrow ones: W + (α / r) B A, of which A (`down`, [rank, from]) and
/// B (`up`, [to, rank]) are trained (Hu and others 2021, section 4.1).
///
/// B starts at zero, so that nothing changes before the first step.
public struct LowRank: Sendable {
    /// Which layers are adapted, and by how much.
    public struct Plan: Codable, Hashable, Sendable {
        /// The rank r of the correction.
        public var rank: Int
        /// The numerator α of its scale.
        public var alpha: Double
        /// Paths of linear layers within the tower, or of what they lie in; `*` stands for any text.
        public var paths: [String]

        /// Adapters of the layers at `paths`.
        public init(rank: Int, alpha: Double, paths: [String]) {
            self.rank = rank
            self.alpha = alpha
            self.paths = paths
        }

        /// Whether the layer at `path` is among them.
        func adapts(_ path: some StringProtocol) -> Bool {
            paths.contains { own in
                let path = String(path)
                guard own.contains("*"), !own.contains("{") else { return path.isUnder(own) }
                return NamePattern(own).match(path) != nil
            }
        }

        /// What B A is multiplied by.
        package var scale: Float { Float(alpha / Double(max(rank, 1))) }
    }

    /// The name of the place below a tower where adapters lie.
    package static let name = "adapters"

    let down: Parameter
    let up: Parameter
    private let scale: Float

    init(_ scope: Scope, from: Int, to: Int, _ plan: Plan) {
        down = scope("down", plan.rank, from, start: .fanIn(from))
        up = scope("up", to, plan.rank, start: .zeros)
        scale = plan.scale
    }

    /// What is added to the layer's result: [..., from] to [..., to].
    func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: down()).linear(weight: up()) * scale }

    /// What is added to the layer's weight, [to, from].
    package static func correction(down: Tensor, up: Tensor, _ plan: Plan) -> Tensor { up.matmul(down) * plan.scale }
}
