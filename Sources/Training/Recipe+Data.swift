import BinderyLayers
public import Foundation

extension Recipe {
    /// `data`: which tables list the samples, and what their columns mean.
    ///
    /// ```yaml
    /// data:
    ///   root: data/esc10                # where the paths below start, itself from the working directory
    ///   train: train.csv                # the manifest
    ///   classes: classes.csv            # columns label and phrase, for templates and evaluation
    ///   validation: val.csv             # the manifest that `evaluate` takes when it names none
    ///   columns: {audio: path, text: caption}   # filepath and title when left out
    ///   times: [start, end]             # columns of seconds that cut a part out of each recording
    ///   label: label                    # the column that says what a row shows
    ///   group: file                     # rows of equal value belong together, as rows of one item do, for losses but infonce
    ///   templates: ["a photo of {}"]    # each step draws one and fills in the phrase of the row's label
    ///   sample: audio                   # rows with the same sound are one sample; each step draws one of them
    ///   rows: {first: 10000, where: {fold: [1, 2, 3]}, except: {label: [dog, rain]}}
    ///   compose: {parts: 2, count: 20000, seconds: 1, except: [zero one]}   # samples made of several rows
    ///   match:                          # items of other tables that stand beside each row, by tower
    ///     image: {table: mnist/train.csv, column: path, count: 5, through: {zero: one, one: zero}}
    /// ```
    public struct Data: Hashable, Sendable {
        /// Where relative paths start.
        public var root = "."
        /// The manifest, as written; empty when the recipe names none.
        public var train = ""
        /// The table of labels and their phrases, as written.
        public var classes: String?
        /// The manifest for evaluation, as written.
        public var validation: String?
        /// Where each tower's items stand in the manifest, as far as the recipe says.
        public var columns: [String: String] = [:]
        /// The columns of seconds that cut a part out of each recording.
        public var times: Times?
        /// The column that says what a row shows.
        public var label = "label"
        /// The column whose equal values belong together.
        public var group: String?
        /// Sentences with `{}` where the phrase of the row's label goes.
        public var templates: [String] = []
        /// The tower whose distinct items are the samples; nil when every row is one.
        public var sample: String?
        /// Which rows of the manifest are read.
        public var rows = Rows()
        /// How several of them make a sample; nil when each is one.
        public var compose: Composition?
        /// Items of other tables that stand beside each row, by tower.
        public var match: [String: Match] = [:]

        /// Two columns of seconds.
        public struct Times: Hashable, Sendable {
            /// The column of starts.
            public let start: String
            /// The column of ends.
            public let end: String
        }

        /// Which rows of a manifest are meant.
        public struct Rows: Hashable, Sendable {
            /// So many from the top, of those that remain.
            public var first: Int?
            /// Columns and the values of which a row must have one.
            public var matching: [String: [String]] = [:]
            /// Columns and the values that a row must not have.
            public var except: [String: [String]] = [:]

            /// All rows.
            public init() {}
        }

        init() {}

        /// The manifest.
        public var manifest: URL { url(train) }

        /// Where a path of this section leads.
        public func url(_ path: String) -> URL {
            let full = path.hasPrefix("/") ? path : root.hasSuffix("/") ? root + path : "\(root)/\(path)"
            return URL(filePath: full, directoryHint: .notDirectory)
        }

        /// Where the items of a tower stand in the manifest; nil for texts that come from templates.
        public func column(of tower: String) -> String? {
            if let column = columns[tower] { return column }
            guard tower == "text" else { return "filepath" }
            return templates.isEmpty ? "title" : nil
        }
    }
}

extension Recipe.Data {
    /// A table whose items stand beside the rows of the manifest because they show the same.
    public struct Match: Hashable, Sendable {
        /// The table, as written.
        public var table: String
        /// The column of its items.
        public var column: String
        /// The column, here and there, that must agree.
        public var on: String
        /// How many of the fitting items stand beside a row; each step draws one of them.
        public var count: Int
        /// What a value here is called there; as here when it is not named.
        ///
        /// A permutation of the classes is the control that shows what binding took from the pairs.
        public var through: [String: String]
        /// Whether any items do, whatever they show: the control for chance.
        public var shuffled: Bool
        /// Which rows of the table are read.
        public var rows: Rows
        /// How several of them make an item; nil when each is one.
        public var compose: Composition?
    }
}

extension Recipe.Data {
    init(_ fields: inout RecipeFields, over base: Recipe.Data) {
        self = base
        root = fields.text("root") ?? base.root
        train = fields.text("train") ?? base.train
        classes = fields.text("classes") ?? (fields.isNull("classes") ? nil : base.classes)
        validation = fields.text("validation") ?? (fields.isNull("validation") ? nil : base.validation)
        let problems = fields.problems
        columns =
            fields.named("columns") { value, place in
                guard let column = value.word else {
                    problems.note(.wrong(place, expected: "the name of a column", found: value.summary))
                    return nil
                }
                return column
            } ?? base.columns
        times =
            fields.read("times", "the names of two columns") { value in
                let names = value.asList?.compactMap(\.word) ?? []
                return names.count == 2 ? Times(start: names[0], end: names[1]) : nil
            } ?? (fields.isNull("times") ? nil : base.times)
        label = fields.text("label") ?? base.label
        group = fields.text("group") ?? (fields.isNull("group") ? nil : base.group)
        templates = fields.templates("templates") ?? (fields.isNull("templates") ? [] : base.templates)
        sample = fields.text("sample") ?? (fields.isNull("sample") ? nil : base.sample)
        rows = fields.fields("rows") { Rows(&$0) } ?? (fields.isNull("rows") ? Rows() : base.rows)
        compose =
            fields.fields("compose") { Composition(&$0) } ?? (fields.isNull("compose") ? nil : base.compose)
        match =
            fields.named("match") { value, place in RecipeFields.read(value, at: place, problems) { Match(&$0) } }
            ?? (fields.isNull("match") ? [:] : base.match)
    }
}

extension Recipe.Data.Match {
    fileprivate init(_ fields: inout RecipeFields) {
        table = fields.text("table") ?? ""
        if table.isEmpty { fields.problems.note(.missing(fields.place("table"))) }
        column = fields.text("column") ?? "path"
        on = fields.text("on") ?? "label"
        count = fields.integer("count", in: 1...10_000) ?? 1
        let problems = fields.problems
        through =
            fields.named("through") { value, place in
                if value.word == nil { problems.note(.wrong(place, expected: "a value", found: value.summary)) }
                return value.word
            } ?? [:]
        shuffled = fields.bool("shuffled") ?? false
        rows = fields.fields("rows") { Recipe.Data.Rows(&$0) } ?? Recipe.Data.Rows()
        compose = fields.fields("compose") { Recipe.Data.Composition(&$0) }
    }
}

extension Recipe.Data.Rows {
    fileprivate init(_ fields: inout RecipeFields) {
        first = fields.integer("first", in: 1...1_000_000_000)
        let problems = fields.problems
        let values = { (value: Config, place: String) -> [String]? in
            let words = value.asList.map { $0.compactMap(\.word) } ?? value.word.map { [$0] }
            if words == nil || words?.count != (value.asList?.count ?? 1) {
                problems.note(.wrong(place, expected: "the values of a column", found: value.summary))
            }
            return words
        }
        matching = fields.named("where", values) ?? [:]
        except = fields.named("except", values) ?? [:]
    }
}

extension RecipeFields {
    /// Sentences that all have `{}`.
    mutating func templates(_ key: String) -> [String]? {
        let templates = texts(key)
        for template in templates ?? [] where !template.contains("{}") {
            problems.note(.inconsistent(place(key), reason: "\"\(template)\" has no {} where the phrase goes"))
        }
        return templates
    }
}
