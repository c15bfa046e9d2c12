import BinderyBinding
public import BinderyLayers
public import Foundation

/// What a run trains, on what, and how: a YAML file that is also a document.
///
/// Keys at the top: `name`, `space`, `loss`, `freeze`, `unfreeze`, `data`, `training`, `calibrate`, `recalibrate`,
/// `evaluate`, `stages`. Unknown keys are errors. A stage may hold any of the keys from `loss` to `evaluate`, and `pairs`; what it leaves out
/// it takes from the top. Every key is explained where it is read, in `Recipe+*.swift`.
public struct Recipe: Sendable {
    /// What the recipe calls itself.
    public let name: String?
    /// The towers and pairs, and where weights come from.
    public let space: Space
    /// What is trained, one after the other; never empty.
    public let stages: [Stage]
    /// The whole recipe as it was written, with the settings applied.
    public let tree: Config

    /// Reads a recipe and applies `settings`, each `path.to.key=value`; throws everything that is wrong at once.
    public init(contentsOf url: URL, settings: [String] = []) throws(RecipeError) {
        let path = url.path(percentEncoded: false)
        let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
        guard let size,
            let data = size <= YAMLError.sizeLimit ? try? Foundation.Data(contentsOf: url) : Foundation.Data()
        else {
            throw RecipeError(path: path, problems: [.unreadable("no such readable file")])
        }
        guard size <= YAMLError.sizeLimit else {
            throw RecipeError(path: path, problems: [.yaml("\(YAMLError.tooLarge(size))")])
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw RecipeError(path: path, problems: [.yaml("it is not UTF-8")])
        }
        try self.init(yaml: text, settings: settings, path: path)
    }

    /// Reads a recipe from its text; `path` names it in errors.
    public init(yaml text: String, settings: [String] = [], path: String = "recipe") throws(RecipeError) {
        var tree: Config
        do { tree = try Config(yaml: text) } catch { throw RecipeError(path: path, problems: [.yaml("\(error)")]) }
        var problems: [RecipeError.Problem] = []
        for setting in settings {
            do throws(RecipeError.Problem) {
                tree = try RecipeSetting(setting).applied(to: tree)
            } catch { problems.append(error) }
        }
        guard problems.isEmpty else { throw RecipeError(path: path, problems: problems) }
        try self.init(tree, path: path)
    }

    /// Reads a recipe from its tree; `path` names it in errors.
    public init(_ tree: Config, path: String = "recipe") throws(RecipeError) {
        guard tree.asMap != nil else {
            let problem = RecipeError.Problem.wrong("the recipe", expected: "a map of keys", found: tree.summary)
            throw RecipeError(path: path, problems: [problem])
        }
        let problems = RecipeProblems()
        let parts = RecipeFields.read(tree, at: "", problems) { fields in
            let name = fields.text("name")
            let space = fields.fields("space") { Space(&$0) }
            if space == nil { problems.note(.missing("space")) }
            let pairs = space?.plan.pairs ?? []
            let base = Stage(&fields, pairs: pairs)
            let stages = fields.list("stages") { Stage(stage: &$0, over: base, of: pairs) }
            return (name: name, space: space, stages: stages ?? [base])
        }
        if parts.stages.isEmpty {
            problems.note(.wrong("stages", expected: "a list of at least one stage", found: "an empty list"))
        }
        for stage in parts.stages { stage.check(problems, towers: parts.space.map { Array($0.plan.towers.keys) }) }
        guard let space = parts.space, problems.all.isEmpty else {
            throw RecipeError(path: path, problems: problems.all)
        }
        self.name = parts.name
        self.space = space
        stages = parts.stages
        self.tree = tree
    }

    /// The recipe as one line of text, equal for equal recipes.
    public var canonicalText: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: ".inf", negativeInfinity: "-.inf", nan: ".nan")
        return (try? encoder.encode(tree)).map { String(decoding: $0, as: UTF8.self) } ?? "\(tree)"
    }
}

extension Recipe: Codable {
    /// Reads the tree that `encode(to:)` wrote, with every check of a recipe.
    public init(from decoder: any Decoder) throws { try self.init(Config(from: decoder)) }

    /// Writes the tree.
    public func encode(to encoder: any Swift.Encoder) throws { try tree.encode(to: encoder) }
}
