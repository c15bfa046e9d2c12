public import BinderyLayers

extension JointSpace {
    /// What a space is made of: the part of a recipe that a checkpoint stores, so that the checkpoint is enough.
    public struct Plan: Codable, Hashable, Sendable {
        /// One encoder and its head.
        public struct Tower: Codable, Hashable, Sendable {
            /// `modality/kind`, for example `audio/cnn14`.
            public var encoder: String
            /// What the encoder is built from.
            public var config: Config
            /// The head between the encoder and the space.
            public var projection: Projection.Kind
            /// Which of its layers have adapters; nil for none.
            public var adapters: LowRank.Plan?

            /// A tower.
            public init(
                encoder: String, config: Config = .empty, projection: Projection.Kind = .none,
                adapters: LowRank.Plan? = nil
            ) {
                self.adapters = adapters
                self.encoder = encoder
                self.config = config
                self.projection = projection
            }
        }

        /// Two towers that are compared, and how: logits are scale · cosine + bias.
        public struct Pair: Codable, Hashable, Sendable {
            /// The tower whose vectors are the rows of the logits.
            public var a: String
            /// The tower whose vectors are the columns.
            public var b: String
            /// The scale before training, as it multiplies the cosine.
            public var scale: Double
            /// The scale of logits that have `b`'s vectors as rows, before training; nil where it is the same one.
            public var scaleBack: Double?
            /// Whether training changes the scale.
            public var isLearned: Bool
            /// What the scale is held at or below; nil for no bound.
            public var most: Double?
            /// The bias before training; nil for none.
            public var bias: Double?

            /// A pair with CLIP's temperature (Radford and others 2021, section 2.3) unless told otherwise.
            public init(
                _ a: String, _ b: String, scale: Double = 1 / 0.07, scaleBack: Double? = nil, isLearned: Bool = true,
                most: Double? = 100, bias: Double? = nil
            ) {
                self.a = a
                self.b = b
                self.scale = scale
                self.scaleBack = scaleBack
                self.isLearned = isLearned
                self.most = most
                self.bias = bias
            }

            /// The place of the pair's parameters.
            public var name: String { "\(a)_\(b)" }
        }

        /// The length of the space's vectors.
        public var width: Int
        /// Towers by the word that commands use for them, a modality's name.
        public var towers: [String: Tower]
        /// Pairs in the order they are trained.
        public var pairs: [Pair]

        /// A plan.
        public init(width: Int, towers: [String: Tower], pairs: [Pair] = []) {
            self.width = width
            self.towers = towers
            self.pairs = pairs
        }

        /// Throws when sizes are out of range or a pair names a tower that is not there.
        func verify() throws {
            guard (1...65_536).contains(width) else {
                throw SpaceError.malformed("space.width must be from 1 to 65536, not \(width)")
            }
            guard !towers.isEmpty, towers.count <= 64 else {
                throw SpaceError.malformed("a space has from 1 to 64 towers, not \(towers.count)")
            }
            for name in towers.keys where name.isEmpty || name.contains(".") || name == "pairs" {
                throw SpaceError.malformed("\"\(name)\" cannot name a tower; use a modality's word")
            }
            for pair in pairs {
                for name in [pair.a, pair.b] where towers[name] == nil {
                    throw SpaceError.unknownTower(name, known: towers.keys.sorted())
                }
                guard [pair.scale, pair.scaleBack ?? 1].allSatisfy({ $0 > 0 && $0.isFinite }), pair.most ?? 1 > 0,
                    (pair.bias ?? 0).isFinite
                else {
                    throw SpaceError.malformed("the pair \(pair.name) needs a scale above 0 and a finite bias")
                }
            }
        }
    }
}
