import BinderyBinding
import BinderyLayers
import BinderyPublished
import Foundation

/// The space of a recipe before its first step: towers that start anew from the seed, the others from their weights.
struct StartingPoint {
    let space: JointSpace
    /// What the weights' models say of themselves, for the new model's card.
    let notes: [String]

    /// What those models' towers were trained on.
    let items: TrainedItems

    /// A weight, its gradient, and AdamW's two moments.
    private static let bytesPerWeight = 16

    /// Throws when weights are not there, are not those of the tower, or are more than the memory can train.
    init(_ recipe: Recipe, modalities: [Modality]) throws {
        var plan = recipe.space.plan
        var sources: [(tower: String, part: PublishedPart)] = []
        var assets: [String: Assets] = [:]
        for (tower, path) in recipe.space.weights.sorted(by: { $0.key < $1.key }) {
            let part = try PublishedPart(of: URL(filePath: path), for: tower)
            do { plan.towers[tower] = try part.tower.changed(by: plan.towers[tower]) } catch {
                throw SpaceError.tower(tower, error)
            }
            assets[tower] = part.assets
            sources.append((tower, part))
        }
        let space = try JointSpace(plan, modalities: modalities, assets: assets)
        for (tower, part) in sources {
            try part.fill(space.parameters, under: tower, as: plan.towers[tower])
        }
        let count = space.parameters.all.lazy.filter { !$0.isFilled }.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        guard count <= memory / Self.bytesPerWeight else {
            throw TrainingError.tooLarge(weights: count, bytes: count * Self.bytesPerWeight, memory: memory)
        }
        space.parameters.fill(seed: recipe.stages[0].training.seed)
        self.space = space
        items = recipe.space.weights.reduce(TrainedItems([:])) { items, source in
            TrainedItems(in: URL(filePath: source.value)).map { items.merging($0.of(source.key)) } ?? items
        }
        notes = sources.flatMap { tower, part in part.notes.map { "\(tower): \($0)" } }
    }
}

extension JointSpace.Plan.Tower {
    /// This tower as its weights describe it, with what a recipe says on top.
    fileprivate func changed(by recipe: JointSpace.Plan.Tower?) throws -> JointSpace.Plan.Tower {
        guard let recipe else { return self }
        guard recipe.encoder == encoder else {
            throw SpaceError.malformed(
                "the recipe says \(recipe.encoder), its weights are those of \(encoder); change one of them")
        }
        var tower = self
        let changes = recipe.config.asMap ?? [:]
        tower.config = .map((config.asMap ?? [:]).merging(changes) { _, changed in changed })
        tower.projection = recipe.projection
        tower.adapters = recipe.adapters ?? adapters
        return tower
    }
}
