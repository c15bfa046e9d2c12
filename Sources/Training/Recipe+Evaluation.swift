extension Recipe {
    /// `evaluate`: what is measured when training is done; one map or a list of them.
    ///
    /// ```yaml
    /// evaluate:
    ///   task: zero-shot                 # zero-shot, retrieval, linear-probe, few-shot, knn
    ///   as: audio                       # the only tower besides text when left out
    ///   with: text                      # the other side of a retrieval; text when left out
    ///   manifest: val.csv               # data.validation when left out
    ///   templates: ["this is a sound of {}."]
    /// ```
    public struct Evaluation: Hashable, Sendable {
        /// The words of `bindery evaluate`.
        public enum Task: String, CaseIterable, Sendable {
            case zeroShot = "zero-shot"
            case retrieval
            case linearProbe = "linear-probe"
            case fewShot = "few-shot"
            case knn
        }

        /// What is measured.
        public let task: Task
        /// The tower whose items are judged; nil for the only one besides text.
        public let modality: String?
        /// The other side of a retrieval; nil for text.
        public let other: String?
        /// The manifest, from `data.root`; nil for `data.validation`.
        public let manifest: String?
        /// Sentences with `{}` where a class's phrase goes.
        public let templates: [String]
    }
}

extension Recipe.Evaluation {
    init(_ fields: inout RecipeFields) {
        let task = fields.choice("task", Task.self)
        if fields.value("task") == nil { fields.problems.note(.missing(fields.place("task"))) }
        self.task = task ?? .zeroShot
        modality = fields.text("as")
        other = fields.text("with")
        manifest = fields.text("manifest")
        templates = fields.templates("templates") ?? []
    }
}
