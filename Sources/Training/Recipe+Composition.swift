extension Recipe.Data {
    /// `compose`: samples that are made of several rows of a table, drawn from the seed.
    ///
    /// ```yaml
    /// compose:
    ///   parts: 2              # pictures side by side, sounds one after the other, words with spaces between
    ///   count: 20000          # so many samples
    ///   seconds: 1            # every sound is cut, or followed by silence, to this; as it is when left out
    ///   same: speaker         # a column that all rows of a sample agree in; any rows when left out
    ///   except: [zero one]    # labels of compositions that are left out
    /// ```
    public struct Composition: Hashable, Sendable {
        /// How many rows make a sample.
        public var parts = 2
        /// How many samples are drawn.
        public var count = 10_000
        /// The length of every sound in a composition; nil for its own.
        public var seconds: Double?
        /// A column in whose value all rows of a sample agree; nil for any rows.
        public var same: String?
        /// Labels of compositions that are left out, the labels of their parts with spaces between.
        public var except: [String] = []

        init(_ fields: inout RecipeFields) {
            parts = fields.integer("parts", in: 2...64) ?? parts
            count = fields.integer("count", in: 1...10_000_000) ?? count
            seconds = fields.number("seconds", in: 0.001...3600)
            same = fields.text("same")
            except = fields.texts("except") ?? []
        }
    }
}
