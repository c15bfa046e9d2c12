public import BinderyBinding
public import BinderyLayers

extension Recipe {
    /// One stretch of training with everything settled; a recipe without `stages` is one.
    ///
    /// ```yaml
    /// loss: multi-positive                # or {name: …, its settings}; this one when left out
    /// freeze: [text]                      # path prefixes that are not trained
    /// unfreeze: [text.projection]         # of those, what is; the longest prefix wins
    /// unfreeze: {audio.blocks.5: epoch 3} # or from when on: after three epochs
    /// calibrate: [audio]                  # towers whose statistics one pass over the samples sets first
    /// recalibrate: [audio]                # and once more at the end, as inference will see them
    /// stages:
    ///   - name: anchors
    ///     pairs: [[image, text]]          # which of the space's pairs; all when left out
    ///     training: {epochs: 4}
    /// ```
    public struct Stage: Sendable {
        /// The name in the log; nil when the recipe has one stage without name.
        public var name: String?
        /// The pairs that are trained together.
        public var pairs: [JointSpace.Plan.Pair]
        /// What is minimised.
        public var loss: Loss
        /// Path prefixes that are not trained.
        public var freeze: [String]
        /// Path prefixes that are trained although a shorter one is frozen.
        public var unfreeze: [String]
        /// Path prefixes that are trained once so many epochs are over.
        public var unfreezeAfter: [String: Int]
        /// Towers whose statistics are set by one pass over the samples before the first step.
        public var calibrate: [String]
        /// Towers whose statistics a pass after the last step sets anew: those of training are of dropped and augmented
        /// activations, which inference never sees (Li and others 2019, section 3; Wu and Johnson 2021, section 3).
        public var recalibrate: [String]
        /// What is read.
        public var data: Data
        /// How it is optimised.
        public var training: Training
        /// What is measured when it is done.
        public var evaluate: [Evaluation]
        private var place = ""
    }

    /// A loss by its name, with its settings.
    public struct Loss: Sendable {
        /// The name.
        public let name: NamedLoss
        /// What the loss itself reads.
        public let settings: Config
        /// The loss.
        public let loss: any ContrastiveLoss
    }
}

extension Recipe.Stage {
    /// The stage that the keys at the top describe, over `pairs`.
    init(_ fields: inout RecipeFields, pairs: [JointSpace.Plan.Pair]) {
        self.pairs = pairs
        loss = Recipe.Loss(name: .multiPositive, settings: .empty, loss: MultiPositiveInfoNCE())
        (freeze, unfreeze, unfreezeAfter, calibrate, recalibrate) = ([], [], [:], [], [])
        (data, training, evaluate) = (Recipe.Data(), Recipe.Training(), [])
        override(&fields)
    }

    /// An entry of `stages`: what it says over what `base` says.
    init(stage fields: inout RecipeFields, over base: Recipe.Stage, of pairs: [JointSpace.Plan.Pair]) {
        self = base
        place = fields.path
        name = fields.text("name") ?? place
        self.pairs = fields.selection("pairs", of: pairs) ?? base.pairs
        override(&fields)
    }

    private mutating func override(_ fields: inout RecipeFields) {
        loss = fields.loss("loss") ?? loss
        freeze = fields.texts("freeze") ?? (fields.isNull("freeze") ? [] : freeze)
        fields.unfreeze("unfreeze", &unfreeze, &unfreezeAfter)
        calibrate = fields.texts("calibrate") ?? (fields.isNull("calibrate") ? [] : calibrate)
        recalibrate = fields.texts("recalibrate") ?? (fields.isNull("recalibrate") ? [] : recalibrate)
        let (data, training) = (data, training)
        self.data = fields.fields("data") { Recipe.Data(&$0, over: data) } ?? data
        self.training = fields.fields("training") { Recipe.Training(&$0, over: training) } ?? training
        evaluate = fields.list("evaluate") { Recipe.Evaluation(&$0) } ?? evaluate
    }

    /// Notes what only the whole stage shows.
    func check(_ problems: RecipeProblems, towers: [String]?) {
        let prefix = place.isEmpty ? "" : place + "."
        if data.train.isEmpty { problems.note(.missing("\(prefix)data.train")) }
        if pairs.isEmpty {
            problems.note(.inconsistent("\(prefix)pairs", reason: "there is nothing to train without a pair"))
        }
        guard let towers else { return }
        let named =
            calibrate.map { ("calibrate", $0) } + recalibrate.map { ("recalibrate", $0) }
            + data.columns.keys.sorted().map { ("data.columns", $0) }
            + data.match.keys.sorted().map { ("data.match", $0) }
            + training.augmentation.keys.sorted().map { ("training.augmentation", $0) }
            + data.sample.map { [("data.sample", $0)] }.orEmpty
        for (key, tower) in named where !towers.contains(tower) {
            let nearest = tower.nearest(in: towers).map { ", did you mean \($0)?" } ?? ""
            problems.note(
                .inconsistent(
                    prefix + key,
                    reason: "there is no tower \(tower)\(nearest) (\(towers.sorted().joined(separator: ", ")))"))
        }
        if data.columns["text"] != nil, !data.templates.isEmpty {
            problems.note(
                .inconsistent("\(prefix)data", reason: "texts come from columns.text or from templates, not from both"))
        }
    }
}

extension Optional where Wrapped: RangeReplaceableCollection {
    fileprivate var orEmpty: Wrapped { self ?? Wrapped() }
}

extension RecipeFields {
    fileprivate mutating func loss(_ key: String) -> Recipe.Loss? {
        guard let value = value(key) else { return nil }
        let entry = value.asText == nil ? value : .map(["name": value])
        let place = place(key)
        let problems = problems
        var settings = entry.asMap ?? [:]
        settings["name"] = nil
        let name = Self.read(.map(["name": entry["name"] ?? .null]), at: place, problems) { fields in
            let name = fields.choice("name", NamedLoss.self)
            if fields.value("name") == nil { problems.note(.missing("\(place).name")) }
            return name
        }
        guard let name else { return nil }
        do {
            let loss = try name.make(.map(settings))
            return Recipe.Loss(name: name, settings: .map(settings), loss: loss)
        } catch {
            problems.note(.inconsistent(place, reason: "\(error)"))
            return nil
        }
    }

    /// A list of paths, or a map from paths to `epoch 3`.
    fileprivate mutating func unfreeze(_ key: String, _ now: inout [String], _ later: inout [String: Int]) {
        if isNull(key) { (now, later) = ([], [:]) }
        guard let value = value(key) else { return }
        guard value.asMap != nil else {
            if let paths = texts(key) { (now, later) = (paths, [:]) }
            return
        }
        let problems = problems
        now = []
        later =
            named(key) { value, place in
                let digits = value.asText.flatMap { $0.hasPrefix("epoch ") ? Int($0.dropFirst(6)) : nil }
                guard let epoch = value.asInteger ?? digits, (0...1_000_000).contains(epoch) else {
                    problems.note(.wrong(place, expected: "an epoch like \"epoch 3\"", found: value.summary))
                    return nil
                }
                return epoch
            } ?? [:]
    }

    /// Pairs like `[image, text]` that are among the space's.
    fileprivate mutating func selection(_ key: String, of pairs: [JointSpace.Plan.Pair]) -> [JointSpace.Plan.Pair]? {
        guard let value = value(key) else { return nil }
        guard let list = value.asList, !list.isEmpty else {
            problems.note(.wrong(place(key), expected: "a list of pairs like [image, text]", found: value.summary))
            return nil
        }
        return list.enumerated().compactMap { index, entry in
            let names = entry.asList?.compactMap(\.asText) ?? []
            let found = pairs.first { [$0.a, $0.b] == names || [$0.b, $0.a] == names }
            if found == nil {
                let known = pairs.map { "[\($0.a), \($0.b)]" }.joined(separator: ", ")
                problems.note(
                    .wrong(
                        "\(place(key))[\(index)]", expected: "one of the space's pairs \(known)", found: entry.summary))
            }
            return found
        }
    }
}
