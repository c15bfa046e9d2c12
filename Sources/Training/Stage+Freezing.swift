import BinderyBinding
import BinderyLayers

extension Recipe.Stage {
    /// Freezes what the stage leaves alone once `epoch` epochs are over; everything else learns, temperatures as the
    /// plan says.
    ///
    /// Throws when a path matches nothing, or when nothing is left to learn.
    func freeze(_ space: JointSpace, epoch: Int) throws {
        let parameters = space.parameters
        for parameter in parameters.all { parameter.isFrozen = false }
        let later = unfreezeAfter.filter { $0.value > epoch }.keys.sorted()
        let sooner = unfreezeAfter.filter { $0.value <= epoch }.keys.sorted()
        try parameters.freeze(freeze + later, except: unfreeze + sooner)
        let trained = Set(pairs.map(\.name))
        for pair in space.plan.pairs where !pair.isLearned || !trained.contains(pair.name) {
            try parameters.freeze(["pairs.\(pair.name)"])
        }
        let names = Set(pairs.flatMap { [$0.a, $0.b] })
        for name in space.names where !names.contains(name) {
            for parameter in parameters.under(name) { parameter.isFrozen = true }
        }
        guard parameters.trainable.contains(where: { !$0.name.isUnder("pairs") }) else {
            throw TrainingError.everythingFrozen
        }
    }
}
