public import BinderyLayers

extension Recipe {
    /// `training`: how a stage is optimised.
    ///
    /// ```yaml
    /// training:
    ///   seed: 0                         # of everything that is random
    ///   epochs: 25
    ///   batch: 16                       # the short last batch of an epoch is dropped
    ///   rate: 1e-3
    ///   betas: [0.9, 0.999]
    ///   epsilon: 1e-8
    ///   decay: 0.01                     # of all weights; temperatures have none
    ///   groups: [{paths: [text], rate: 3e-5, decay: 0}]   # what has a rate or decay of its own
    ///   warmup: 0                       # steps over which the rate rises
    ///   schedule: cosine                # or constant
    ///   clip: null                      # the largest norm of all gradients together
    ///   augmentation: {audio: {…}}      # what changes the clips of a tower, read by its encoder
    ///   cache: 1024                     # MiB of prepared clips kept in memory; others go to disk
    /// ```
    public struct Training: Sendable {
        /// Seeds everything that is random.
        public var seed: UInt64 = 0
        /// Passes over the samples.
        public var epochs = 1
        /// Samples per step.
        public var batch = 32
        /// The learning rate before the schedule.
        public var rate = 1e-3
        /// AdamW's decay of the moments.
        public var betas = (first: 0.9, second: 0.999)
        /// AdamW's guard against division by zero.
        public var epsilon = 1e-8
        /// Decoupled weight decay.
        public var decay = 0.01
        /// Parameters with a rate or a decay of their own.
        public var groups: [Group] = []
        /// Steps over which the rate rises.
        public var warmup = 0
        /// The shape after the warm-up.
        public var schedule = Schedule.Shape.cosine
        /// The largest norm of all gradients together; nil for none.
        public var clip: Double?
        /// What changes the clips of each tower.
        public var augmentation: [String: Config] = [:]
        /// MiB of prepared clips kept in memory, all towers together.
        public var cache = 1024

        /// Parameters with a rate or a decay of their own.
        public struct Group: Hashable, Sendable {
            /// Path prefixes; of several groups the longest wins.
            public let paths: [String]
            /// The rate; nil for the stage's.
            public let rate: Double?
            /// The decay; nil for the stage's.
            public let decay: Double?
        }

        init() {}
    }
}

extension Recipe.Training {
    init(_ fields: inout RecipeFields, over base: Recipe.Training) {
        self = base
        seed = fields.integer("seed", in: 0...Int.max).map(UInt64.init) ?? base.seed
        epochs = fields.integer("epochs", in: 0...1_000_000) ?? base.epochs
        batch = fields.integer("batch", in: 2...1_000_000) ?? base.batch
        rate = fields.number("rate", in: 0...100) ?? base.rate
        betas =
            fields.read("betas", "two numbers from 0 to below 1") { value in
                let betas = value.asList?.compactMap(\.asNumber).filter { (0..<1).contains($0) } ?? []
                return betas.count == 2 && value.asList?.count == 2 ? (betas[0], betas[1]) : nil
            } ?? base.betas
        epsilon = fields.number("epsilon", in: 0...1) ?? base.epsilon
        decay = fields.number("decay", in: 0...100) ?? base.decay
        groups =
            fields.list("groups") { fields in
                let paths = fields.texts("paths") ?? []
                if paths.isEmpty { fields.problems.note(.missing(fields.place("paths"))) }
                return Group(
                    paths: paths, rate: fields.number("rate", in: 0...100), decay: fields.number("decay", in: 0...100))
            } ?? (fields.isNull("groups") ? [] : base.groups)
        warmup = fields.integer("warmup", in: 0...1_000_000_000) ?? base.warmup
        schedule = fields.choice("schedule") ?? base.schedule
        clip = fields.number("clip", in: 1e-12...1e12) ?? (fields.isNull("clip") ? nil : base.clip)
        let problems = fields.problems
        augmentation =
            fields.named("augmentation") { value, place in
                if value.asMap == nil, value != .null {
                    problems.note(.wrong(place, expected: "a map of keys", found: value.summary))
                }
                return value.asMap.map(Config.map)
            } ?? (fields.isNull("augmentation") ? [:] : base.augmentation)
        cache = fields.integer("cache", in: 0...1 << 24) ?? base.cache
    }
}
