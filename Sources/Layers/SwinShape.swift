/// What a Swin Transformer is made of (Liu and others 2021, section 3): stages of blocks whose attention stays within
/// windows, every other block's windows shifted by half a window, and a merging of 2×2 neighbours after each stage but
/// the last.
public struct SwinShape: Hashable, Sendable {
    /// The length of each position's vector in the first stage; it doubles from stage to stage.
    public var width: Int
    /// The number of blocks of every stage.
    public var depths: [Int]
    /// The heads of every stage's attention; they divide its width.
    public var heads: [Int]
    /// The side of a window, in positions.
    public var window: Int
    /// How much wider than the stage its feed-forward networks are inside.
    public var expansion: Double
    /// What stands between the two layers of a feed-forward network.
    public var activation: Activation
    /// What layer norms of blocks add to the variance.
    public var epsilon: Float
    /// What the norm after the last stage adds to the variance, where it is not that of the blocks (HTSAT).
    public var lastEpsilon: Float?
    /// Whether query, key and value have a bias.
    public var bias: Bool
    /// Which of 2×2 neighbours follow each other when they are merged, as 2 · row + column.
    public var neighbours: [Int]
    /// The side of the first stage's map where it is always the same: windows of stages with a smaller map shrink to it.
    public var side: Int?
    /// The probability of dropping each output of attention and feed-forward in training.
    public var dropout: Double

    /// The keys that `init(_:usual:)` reads.
    public static let keys = [
        "width", "depths", "heads", "window", "expansion", "activation", "epsilon", "bias", "neighbours", "dropout",
    ]

    /// Swin-T's sizes, and columns before rows in merging, as all published weights have it.
    public static let tiny = SwinShape(
        width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7, expansion: 4, activation: .gelu,
        epsilon: 1e-5, bias: true, neighbours: [0, 2, 1, 3], dropout: 0)

    /// The side of a window in stage `index`.
    public func window(of index: Int) -> Int { side.map { min(window, max($0 >> index, 1)) } ?? window }

    /// The width of stage `index`.
    public func width(of index: Int) -> Int { width << index }

    /// The width of the last stage, which is that of the vectors.
    public var lastWidth: Int { width(of: depths.count - 1) }

    /// How many positions of the first stage lie along one side of a position of the last.
    public var reduction: Int { 1 << (depths.count - 1) }
}

extension SwinShape {
    /// What a configuration says, and `usual` where it says nothing; throws on impossible values.
    public init(_ config: Config, usual: SwinShape) throws(ConfigError) {
        self = usual
        width = try config.integer("width", in: 1...8192, or: usual.width)
        depths = try config.integers("depths", in: 1...256, most: 8, or: usual.depths)
        heads = try config.integers("heads", in: 1...1024, most: 8, or: usual.heads)
        window = try config.integer("window", in: 1...64, or: usual.window)
        expansion = try config.number("expansion", in: 0.01...64, or: usual.expansion)
        activation = try config.choice("activation", or: usual.activation)
        epsilon = Float(try config.number("epsilon", in: 0...1, or: Double(usual.epsilon)))
        bias = try config.bool("bias", or: usual.bias)
        neighbours = try config.integers("neighbours", in: 0...3, most: 4, or: usual.neighbours)
        dropout = try config.number("dropout", in: 0...0.99, or: usual.dropout)
        guard !depths.isEmpty, depths.count == heads.count else {
            throw .inconsistent("\(depths.count) depths and \(heads.count) heads; every stage needs one of each")
        }
        for (index, heads) in heads.enumerated() where width(of: index) % heads != 0 {
            throw .inconsistent("\(heads) heads do not divide the width \(width(of: index)) of stage \(index)")
        }
        guard neighbours.sorted() == [0, 1, 2, 3] else {
            throw .inconsistent("neighbours must name 0, 1, 2 and 3 once each")
        }
    }
}
