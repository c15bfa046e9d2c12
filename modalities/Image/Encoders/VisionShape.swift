import BinderyLayers

/// What tells one vision Transformer from another: patches, tokens, blocks, norms, pooling.
struct VisionShape: Sendable {
    /// What becomes the embedding.
    enum Pooling: String, CaseIterable, Sendable {
        /// The class token (CLIP, ViT, DINOv2).
        case `class`
        /// The mean over the patches.
        case mean
        /// A learned question to all patches (SigLIP).
        case head
        /// The first of several learned questions to all tokens (CoCa).
        case questions
    }

    /// Where the last norm stands.
    enum Norm: String, CaseIterable, Sendable {
        /// On every token, before pooling.
        case tokens
        /// On the pooled vector.
        case pooled
        case none
    }

    /// Where the norms of a block stand.
    enum Order: String, CaseIterable, Sendable {
        /// Before each part.
        case before
        /// On what each part adds (EVA-02-E).
        case added

        var order: TransformerShape.Order { self == .before ? .preNorm : .addedNorm }
    }

    /// How a patch becomes a vector; the two differ in the order of its numbers.
    enum Patches: String, CaseIterable, Sendable {
        /// A convolution, [width, channels, patch, patch].
        case convolution
        /// A linear map of [patch, patch, channels] (SigLIP 2's NaFlex).
        case linear
    }

    var blocks: TransformerShape
    /// The size whose patches the position table was made for.
    var size: PixelSize
    /// The edge of a patch in pixels.
    var patch: Int
    var channels: Int
    var patches: Patches
    var patchBias: Bool
    var hasClass: Bool
    /// Learned tokens without positions that stand behind the class token (Darcet and others 2024).
    var registers: Int
    /// Layer norm on what enters the first block (CLIP).
    var normsFirst: Bool
    var norm: Norm
    var pooling: Pooling
    var interpolation: GridInterpolation
    /// The width inside the feed-forward network of SigLIP's head.
    var headHidden: Int
    /// How many questions CoCa's pooling asks, how wide they are and with how many heads.
    var questions: Int
    var questionWidth: Int
    var questionHeads: Int
    /// The edge of the grid that rotary positions count in; 0 for none (EVA-02).
    var rotary: Int

    /// The length of the vectors.
    var width: Int { pooling == .questions ? questionWidth : blocks.width }
    /// Patches down and across that positions are learned for.
    var grid: (height: Int, width: Int) { (size.height / patch, size.width / patch) }
    /// Tokens before the patches.
    var extras: Int { (hasClass ? 1 : 0) + registers }

    /// The keys that a configuration may have.
    static let keys = [
        "size", "patch", "channels", "width", "layers", "heads", "hidden", "activation", "epsilon", "dropout", "gated",
        "attentionBias", "keyBias", "layerScale", "normsInside", "order", "rotary", "patches", "patchBias", "class",
        "registers", "normsFirst", "norm", "pooling",
        "headHidden", "questions", "questionWidth", "questionHeads", "interpolation", "pixels",
    ]

    /// The most patches that a picture may make.
    static let mostPatches = 16_384

    /// The shape that `config` describes; what it leaves out is as in CLIP's ViT-B/32 (Radford and others 2021).
    init(_ config: Config) throws(ConfigError) {
        try config.allow(only: VisionShape.keys)
        size = try config.pixelSize("size", or: PixelSize(height: 224, width: 224))
        patch = try config.integer("patch", in: 1...1024, or: 32)
        channels = try config.integer("channels", in: 1...3, or: 3)
        let width = try config.integer("width", in: 1...65_536, or: 768)
        blocks = TransformerShape(
            width: width, layers: try config.integer("layers", in: 0...1024, or: 12),
            heads: try config.integer("heads", in: 1...1024, or: max(width / 64, 1)),
            hidden: try config.integer("hidden", in: 1...262_144, or: width * 4),
            activation: try config.choice("activation", or: .gelu),
            epsilon: Float(try config.number("epsilon", in: 0...1, or: 1e-5)),
            dropout: try config.number("dropout", in: 0...0.99, or: 0))
        blocks.isGated = try config.bool("gated", or: false)
        blocks.attentionBias = try config.bool("attentionBias", or: true)
        blocks.keyBias = try config.bool("keyBias", or: true)
        blocks.normsInside = try config.bool("normsInside", or: false)
        blocks.order = try config.choice("order", or: Order.before).order
        rotary = try config.integer("rotary", in: 0...4096, or: 0)
        blocks.layerScale =
            config["layerScale"] == nil ? nil : Float(try config.number("layerScale", in: -1e6...1e6))
        patches = try config.choice("patches", or: .convolution)
        patchBias = try config.bool("patchBias", or: patches == .linear)
        hasClass = try config.bool("class", or: true)
        registers = try config.integer("registers", in: 0...1024, or: 0)
        normsFirst = try config.bool("normsFirst", or: true)
        norm = try config.choice("norm", or: .tokens)
        pooling = try config.choice("pooling", or: hasClass ? .class : .mean)
        headHidden = try config.integer("headHidden", in: 1...262_144, or: blocks.hidden)
        questions = try config.integer("questions", in: 1...65_536, or: 256)
        questionWidth = try config.integer("questionWidth", in: 1...65_536, or: width)
        questionHeads = try config.integer("questionHeads", in: 1...1024, or: 8)
        interpolation = try config.choice("interpolation", or: .bicubic)
        guard channels != 2 else { throw .wrong("channels", "1 or 3", .integer(2)) }
        guard width % blocks.heads == 0 else {
            throw .inconsistent("heads (\(blocks.heads)) must divide width (\(width))")
        }
        guard (1...VisionShape.mostPatches).contains(grid.height * grid.width) else {
            throw .inconsistent(
                "\(size.height) × \(size.width) pixels make \(grid.height * grid.width) patches of \(patch), not from 1 to "
                    + "\(VisionShape.mostPatches)")
        }
        guard rotary == 0 || width / blocks.heads % 4 == 0 && registers == 0 else {
            throw .inconsistent("rotary positions need heads of a multiple of 4 numbers, and no registers")
        }
        guard pooling != .questions || questionWidth % questionHeads == 0 && norm != .tokens else {
            throw .inconsistent("questionHeads must divide questionWidth, and norm be pooled or none")
        }
        guard pooling != .class || hasClass else {
            throw .inconsistent("pooling by the class token needs one; set class, or pooling: mean")
        }
    }
}
