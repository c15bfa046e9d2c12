public import BinderyBinding
import BinderyLayers

extension Recipe {
    /// `space`: the towers, their pairs, and where their weights come from.
    ///
    /// ```yaml
    /// space:
    ///   width: 128                        # the length of the vectors
    ///   towers:
    ///     text:                           # the modality's word
    ///       encoder: text/bert            # modality/kind
    ///       weights: models/MiniLM        # a model's folder or file, from the working directory; new when left out
    ///       config: {…}                   # what the encoder is built from; the weights' own when left out
    ///       projection: linear            # none, linear, matrix, mlp, residual
    ///       adapters: {rank: 8, alpha: 16, paths: ["*.attention.query", "*.attention.value"], kept: false}
    ///   pairs:
    ///     - [audio, text]                 # CLIP's temperature: starts at 1/0.07, learned, at most 100
    ///     - {towers: [image, text], scale: {start: 10, learned: true, most: null}, bias: -10}
    /// ```
    public struct Space: Hashable, Sendable {
        /// What a checkpoint stores.
        public let plan: JointSpace.Plan
        /// Where the weights of towers lie that do not start anew, from the working directory.
        public let weights: [String: String]
        /// Towers whose adapters stay beside their weights in the model; those of others are added to the weights.
        public let keptAdapters: Set<String>
    }
}

extension Recipe.Space {
    init(_ fields: inout RecipeFields) {
        let width = fields.integer("width", in: 1...65_536)
        if width == nil, fields.value("width") == nil { fields.problems.note(.missing(fields.place("width"))) }
        var weights: [String: String] = [:]
        var kept: Set<String> = []
        let problems = fields.problems
        let towers =
            fields.named("towers") { value, place -> JointSpace.Plan.Tower? in
                RecipeFields.read(value, at: place, problems) { fields in
                    let name = String(place.dropFirst("space.towers.".count))
                    weights[name] = fields.text("weights")
                    var tower = JointSpace.Plan.Tower(&fields)
                    tower.adapters = fields.fields("adapters") { fields in
                        if fields.bool("kept") ?? false { kept.insert(name) }
                        return LowRank.Plan(&fields)
                    }
                    return tower
                }
            } ?? [:]
        if towers.isEmpty { problems.note(.missing(fields.place("towers"))) }
        let pairs = fields.pairs("pairs", among: towers.keys.sorted()) ?? []
        plan = JointSpace.Plan(width: width ?? 1, towers: towers, pairs: pairs)
        self.weights = weights
        keptAdapters = kept
    }
}

extension LowRank.Plan {
    fileprivate init(_ fields: inout RecipeFields) {
        let rank = fields.integer("rank", in: 1...4096) ?? 8
        let alpha = fields.number("alpha", in: 1e-6...1e6)
        let paths = fields.texts("paths") ?? []
        if paths.isEmpty { fields.problems.note(.missing(fields.place("paths"))) }
        for path in paths where path.contains("{") {
            fields.problems.note(
                .inconsistent(fields.place("paths"), reason: "\(path) has a brace; * stands for any text"))
        }
        self.init(rank: rank, alpha: alpha ?? Double(rank), paths: paths)
    }
}

extension JointSpace.Plan.Tower {
    fileprivate init(_ fields: inout RecipeFields) {
        let encoder = fields.read("encoder", "an encoder written modality/kind") { value in
            value.asText.flatMap { $0.split(separator: "/").count == 2 ? $0 : nil }
        }
        if encoder == nil, fields.value("encoder") == nil { fields.problems.note(.missing(fields.place("encoder"))) }
        let config = fields.read("config", "a map of keys") { $0.asMap == nil ? nil : $0 }
        self.init(
            encoder: encoder ?? "", config: config ?? .empty,
            projection: fields.choice("projection", BinderyBinding.Projection.Kind.self) ?? .none)
    }
}

extension RecipeFields {
    /// The pairs at `key`, each `[a, b]` or a map with its temperature, whose towers are among `towers`.
    fileprivate mutating func pairs(_ key: String, among towers: [String]) -> [JointSpace.Plan.Pair]? {
        guard let value = value(key) else { return nil }
        guard let list = value.asList else {
            problems.note(.wrong(place(key), expected: "a list of pairs like [audio, text]", found: value.summary))
            return nil
        }
        return list.enumerated().map { index, entry in
            let place = "\(place(key))[\(index)]"
            let entry = entry.asList == nil ? entry : .map(["towers": entry])
            return Self.read(entry, at: place, problems) { $0.pair(among: towers) }
        }
    }

    /// One pair, which stays in the list when something is wrong with it: the problem is noted, and what else the recipe
    /// says of its pairs can still be looked at.
    private mutating func pair(among towers: [String]) -> JointSpace.Plan.Pair {
        _ = names("towers", among: towers)
        let names = value("towers")?.asList?.compactMap(\.asText) ?? []
        let (start, most) = (1 / 0.07, 100.0)
        var pair = JointSpace.Plan.Pair(names.first ?? "", names.last ?? "", scale: start, most: most)
        if value("scale")?.asNumber != nil {
            pair.scale = number("scale", in: 1e-6...1e6) ?? start
        } else {
            _ = fields("scale") { fields in
                pair.scale = fields.number("start", in: 1e-6...1e6) ?? start
                pair.isLearned = fields.bool("learned") ?? true
                pair.most = fields.number("most", in: 1e-6...1e6) ?? (fields.isNull("most") ? nil : most)
            }
        }
        pair.bias = number("bias", in: -1e6...1e6)
        if let most = pair.most, pair.scale > most * (1 + 1e-9) {
            problems.note(.inconsistent(place("scale"), reason: "it starts at \(pair.scale), above its bound \(most)"))
        }
        return pair
    }

    /// Two names at `key` that are both among `towers`.
    mutating func names(_ key: String, among towers: [String]) -> (String, String)? {
        let pair = read(key, "the names of two towers") { value in
            let names = value.asList?.compactMap(\.asText)
            return names?.count == 2 && value.asList?.count == 2 ? names : nil
        }
        guard let pair else {
            if value(key) == nil { problems.note(.missing(place(key))) }
            return nil
        }
        for name in pair where !towers.contains(name) {
            let nearest = name.nearest(in: towers).map { ", did you mean \($0)?" } ?? ""
            problems.note(
                .inconsistent(
                    place(key), reason: "there is no tower \(name)\(nearest) (\(towers.joined(separator: ", ")))"))
        }
        return pair.allSatisfy(towers.contains) ? (pair[0], pair[1]) : nil
    }
}
