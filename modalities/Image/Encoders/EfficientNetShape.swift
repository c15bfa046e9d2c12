import BinderyLayers

/// The sizes of an EfficientNet, block by block.
struct EfficientNetShape: Sendable {
    struct Block: Sendable {
        var from: Int
        /// Channels inside.
        var inner: Int
        var to: Int
        /// Channels between squeeze and excitation.
        var squeezed: Int
        var kernel: Int
        var stride: Int
        /// Whether a stride pads all sides alike, rather than more at the right and the bottom.
        var padsEvenly: Bool
        var hasShortcut: Bool
    }

    var size: PixelSize
    var stem: Int
    var blocks: [Block]
    var epsilon: Float

    static let keys = [
        "size", "stem", "widths", "kernels", "strides", "expansions", "repeats", "squeeze", "evenPadding", "epsilon",
        "pixels",
    ]

    /// The shape that `config` describes; what it leaves out is as in EfficientNet-B0.
    init(_ config: Config) throws(ConfigError) {
        try config.allow(only: Self.keys)
        size = try config.pixelSize("size", or: PixelSize(height: 224, width: 224))
        guard max(size.height, size.width) <= 4096, min(size.height, size.width) >= 32 else {
            throw .wrong("size", "from 32 to 4096", config["size"] ?? .null)
        }
        stem = try config.integer("stem", in: 1...8192, or: 32)
        epsilon = Float(try config.number("epsilon", in: 0...1, or: 1e-3))
        let widths = try config.integers("widths", in: 1...8192, or: [16, 24, 40, 80, 112, 192, 320])
        let kernels = try config.integers("kernels", in: 1...31, or: [3, 3, 5, 3, 5, 5, 3])
        let strides = try config.integers("strides", in: 1...2, or: [1, 2, 2, 2, 1, 2, 1])
        let expansions = try config.integers("expansions", in: 1...64, or: [1, 6, 6, 6, 6, 6, 6])
        let repeats = try config.integers("repeats", in: 1...256, or: [1, 2, 2, 3, 3, 4, 1])
        let ratio = try config.number("squeeze", in: 0...1, or: 0.25)
        let even = try config.integers("evenPadding", in: 0...16_384, most: 1024, or: [])
        guard [kernels, strides, expansions, repeats].allSatisfy({ $0.count == widths.count }) else {
            throw .inconsistent("widths, kernels, strides, expansions and repeats must have one number for every stage")
        }
        guard kernels.allSatisfy({ $0 % 2 == 1 }) else { throw .inconsistent("kernels must be odd") }
        blocks = []
        var from = stem
        for stage in widths.indices {
            for index in 0..<repeats[stage] {
                let isFirst = index == 0
                blocks.append(
                    Block(
                        from: from, inner: from * expansions[stage], to: widths[stage],
                        squeezed: max(1, Int(Double(from) * ratio)), kernel: kernels[stage],
                        stride: isFirst ? strides[stage] : 1, padsEvenly: even.contains(blocks.count),
                        hasShortcut: !isFirst))
                from = widths[stage]
            }
        }
    }
}
