/// How the names of a published file of weights translate into ours, as data.
///
/// Rules are tried in order, and a foreign name that a file does not have lets the next rule try: so one map reads the
/// older and the newer spelling of a layout. Nothing in a file is passed over unless `ignoring` names it. A map works in
/// both directions; `export` is the way back.
public struct KeyMap: Sendable, Equatable {
    /// One correspondence.
    public struct Rule: Sendable, Equatable {
        let ours: NamePattern
        let theirs: NamePattern
        let steps: [Step]
        fileprivate let words: (ours: String, theirs: String)

        /// Our name, theirs, and what makes ours of their tensor, in order.
        ///
        /// In both names `{n}` (one letter) stands for a number, `{kind}` (a longer word) for one part between dots, `*`
        /// for any text. Traps unless both names have the same holes and a `part` is the last step.
        public init(_ ours: String, _ theirs: String, _ steps: Step...) { self.init(ours, theirs, steps: steps) }

        init(_ ours: String, _ theirs: String, steps: [Step]) {
            self.ours = NamePattern(ours)
            self.theirs = NamePattern(theirs)
            self.steps = steps
            words = (ours, theirs)
            precondition(
                self.ours.holes == self.theirs.holes, "key map: '\(ours)' and '\(theirs)' have different holes")
            precondition(
                steps.dropLast().allSatisfy { !$0.isPart }, "key map: '\(theirs)' is cut before its last step")
        }

        /// One rule for each of `ours`, which are equal parts, in order, of the outermost axis of one foreign tensor.
        public static func split(_ ours: [String], from theirs: String, _ steps: Step...) -> [Rule] {
            ours.enumerated().map { Rule($1, theirs, steps: steps + [.part($0, of: ours.count)]) }
        }

        func below(_ ours: String, _ theirs: String) -> Rule {
            Rule(ours + words.ours, theirs + words.theirs, steps: steps)
        }

        /// Equal when patterns and steps are.
        public static func == (a: Rule, b: Rule) -> Bool { a.words == b.words && a.steps == b.steps }
    }

    /// What is done to a foreign tensor to make it ours; each step has an inverse.
    public enum Step: Sendable, Equatable {
        /// The two axes of a matrix change places.
        case transposed
        /// Axis `i` of ours is axis `axes[i]` of theirs.
        case permuted([Int])
        /// Axes of one element that ours does not have.
        case squeezed([Int])
        /// One of several equal pieces of the outermost axis.
        case part(Int, of: Int)
        /// Ours is the negative natural logarithm of theirs: a temperature that divides becomes the scale that multiplies.
        case negativeLogarithm
        /// Ours is theirs plus a number.
        case shifted(Float)
    }

    /// The correspondences, the first that fits wins.
    public var rules: [Rule]
    /// Patterns of foreign names that hold nothing we need.
    public var ignoring: [String]
    /// What a file may put before all of its names, and what is taken off where it stands (`module.`).
    public var prefixes: [String]

    /// A map of rules; see `Rule` for the patterns.
    public init(_ rules: [Rule], ignoring: [String] = [], prefixes: [String] = []) {
        self.rules = rules
        self.ignoring = ignoring
        self.prefixes = prefixes
    }

    /// Names that are ours already.
    public static let identity = KeyMap([Rule("*", "*")])

    /// The rules of both, the left ones first.
    public static func + (a: KeyMap, b: KeyMap) -> KeyMap {
        KeyMap(a.rules + b.rules, ignoring: a.ignoring + b.ignoring, prefixes: a.prefixes + b.prefixes)
    }

    /// The same map for a part of a model: `ours` and `theirs`, as they are, stand before the names of each side.
    public func below(_ ours: String, _ theirs: String) -> KeyMap {
        KeyMap(rules.map { $0.below(ours, theirs) }, ignoring: ignoring.map { theirs + $0 }, prefixes: prefixes)
    }
}
