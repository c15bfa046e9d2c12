import BinderyBinding

extension Recipe.Stage {
    /// Throws what would stop the stage before its first step, so that it is known before any stage begins.
    func check(_ samples: Samples, _ space: JointSpace) throws {
        guard training.batch >= 2 else { throw TrainingError.batchOfOne }
        guard samples.count >= training.batch else {
            throw TrainingError.tooFewSamples(samples.count, batch: training.batch)
        }
        for name in calibrate + recalibrate { _ = try space.tower(name) }
        for name in evaluate.flatMap({ [$0.modality, $0.other] }).compactMap(\.self) { _ = try space.tower(name) }
        let never = unfreezeAfter.filter { training.epochs > 0 && $0.value >= training.epochs }.keys.sorted()
        guard never.isEmpty else { throw TrainingError.neverUnfrozen(never, epochs: training.epochs) }
        _ = try optimizer(of: space)
        try freeze(space, epoch: training.epochs)
        for name in recalibrate where try space.tower(name).isEncoderFrozen {
            throw TrainingError.recalibratesFrozen(tower: name)
        }
        try freeze(space, epoch: 0)
    }
}
