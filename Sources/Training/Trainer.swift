public import BinderyBinding
import BinderyLayers
import BinderyTensors
public import Foundation

/// Trains the space that a recipe describes, stage by stage, and leaves a model folder.
///
/// Equal recipes, data and seeds give equal bytes, whatever the number of threads, and whether or not a run was broken
/// off and resumed.
public final class Trainer {
    /// What happens while a run goes on.
    public enum Event: Sendable {
        /// Items of a tower being read before the first step.
        case preparing(tower: String, done: Int, of: Int)
        /// A step was taken; `floor` is what the loss of its batch could not fall below.
        case step(Int, of: Int, epoch: Int, loss: Float, floor: Double?, scale: Float?, rate: Double)
        /// The state was saved after an epoch.
        case saved(epoch: Int)
    }

    /// The space being trained; after the run, as it was written.
    public private(set) var space: JointSpace
    private let modalities: [Modality]
    private let recipe: Recipe
    private let folder: URL
    private let identity: String
    private let notes: [String]
    private let inherited: TrainedItems
    private let cache: AnchorCache?
    private let report: @Sendable (Event) -> Void

    /// A run of `recipe` into `folder`, which keeps vectors of frozen encoders in `cache` and finds them there.
    ///
    /// Throws when the recipe does not describe a space, or weights that it names do not fit.
    public init(
        _ recipe: Recipe, modalities: [Modality], folder: URL, cache: AnchorCache? = nil,
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws {
        let start = try StartingPoint(recipe, modalities: modalities)
        space = start.space
        notes = start.notes
        inherited = start.items
        self.modalities = modalities
        self.recipe = recipe
        self.folder = folder
        self.cache = cache
        self.report = report
        identity = recipe.canonicalText
    }

    /// Trains to the end and writes the model; with `resume`, from where a broken run's last saved state stands, or
    /// from the start when it had saved none.
    ///
    /// Returns what it left alone and which items it should not have met, kept as `outcome.json`; of a run that goes on, only
    /// what came after it was broken off is compared. Throws when the folder holds another run, and before the first step where
    /// a later stage could not be trained.
    @discardableResult public func run(resume: Bool = false) throws -> TrainingOutcome {
        let isFinished = FileManager.default.fileExists(atPath: folder.appending(path: "config.json").path)
        let isBegun = TrainingState.exists(in: folder)
        guard !isFinished else { throw TrainingError.finished(folder.path) }
        guard resume || !isBegun else { throw TrainingError.notEmpty(folder.path) }

        let samples = try recipe.stages.map { try $0.samples() }
        for (stage, samples) in zip(recipe.stages, samples) { try stage.check(samples, space) }
        let untouched = try Untouched(space, recipe.stages)
        var position = TrainingState.Position()
        var saved: AdamW?
        if isBegun {
            let state = try TrainingState(in: folder, recipe: identity)
            let stage = recipe.stages[min(state.position.stage, recipe.stages.count - 1)]
            saved = try state.restore(space.parameters, except: untouched, stage.optimizer(of: space))
            position = state.position
        }
        var anchors: [AnchorDrift] = []
        for index in position.stage..<recipe.stages.count {
            let stage = recipe.stages[index]
            let before = try Anchor.all(space, stage, samples[index])
            var run = try StageRun(
                stage, number: index, space: space, samples: samples[index], from: position,
                optimizer: saved ?? stage.optimizer(of: space), cache: cache,
                spill: ClipSpill(folder: folder), report: report)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let log = try TrainingLog(at: folder.appending(path: "log.jsonl"), after: position.lines)
            position = try run(log) { position, optimizer in
                try TrainingState.write(
                    position, of: space.parameters, except: untouched, optimizer, recipe: identity, to: folder)
            }
            anchors += try before.map { try $0.drift(space) }
            saved = nil
            position = TrainingState.Position(stage: index + 1, lines: position.lines)
        }
        space = try space.merged(modalities, keeping: recipe.space.keptAdapters)
        for parameter in space.parameters.all { parameter.isFrozen = true }
        let trained = samples.reduce(inherited) { $0.merging(TrainedItems($1.items)) }
        let outcome = TrainingOutcome(anchors: anchors, contacts: recipe.contacts(trained))
        try trained.write(to: folder)
        try outcome.write(to: folder)
        try space.write(to: folder, frozen: untouched.towers.sorted(), notes: notes)
        try TrainingState.remove(from: folder)
        return outcome
    }
}
