import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// The loop of one stage.
struct StageRun {
    private let stage: Recipe.Stage
    private let number: Int
    private let space: JointSpace
    private let samples: Samples
    private let batches: Batches
    private let schedule: Schedule
    private let report: @Sendable (Trainer.Event) -> Void
    private let cache: AnchorCache?
    private let spill: ClipSpill?
    private var feeds: [String: any Feed] = [:]
    private var optimizer: AdamW
    private var position: TrainingState.Position

    /// A stage about to start or to go on; reads every item once, so that none fails in the middle.
    init(
        _ stage: Recipe.Stage, number: Int, space: JointSpace, samples: Samples,
        from position: TrainingState.Position, optimizer: AdamW, cache: AnchorCache? = nil, spill: ClipSpill? = nil,
        report: @escaping @Sendable (Trainer.Event) -> Void
    ) throws {
        self.stage = stage
        self.number = number
        self.space = space
        self.samples = samples
        self.optimizer = optimizer
        self.position = position
        self.report = report
        self.cache = cache
        self.spill = spill
        batches = Batches(
            samples: samples.count, size: stage.training.batch, seed: stage.training.seed &+ UInt64(number))
        schedule = Schedule(
            stage.training.schedule, warmup: stage.training.warmup, total: stage.training.epochs * batches.perEpoch)
        try openFeeds()
    }

    /// Clips for encoders that learn now or later, vectors for those that never do.
    private mutating func openFeeds() throws {
        if position.step == 0 { try calibrate() }
        try stage.freeze(space, epoch: stage.training.epochs)
        let hashes = ContentHashes()
        for (name, items) in samples.items.sorted(by: { $0.key < $1.key }) {
            let report = report
            let tower = try space.tower(name)
            let kept =
                try tower.isEncoderFrozen
                ? cache.map { KeptVectors($0, try space.encoderFingerprint(of: name), hashes) } : nil
            feeds[name] = try tower.feed(
                items, augmentation: stage.training.augmentation[name] ?? .empty,
                cacheLimit: stage.training.cache << 18, spill: spill, kept: kept
            ) { report(.preparing(tower: name, done: $0, of: items.count)) }
        }
        try stage.freeze(space, epoch: 0)
    }

    /// Sets the buffers of the towers that start from what the data show.
    private func calibrate() throws {
        for name in stage.calibrate {
            let items = samples.items[name] ?? []
            let feed = try space.tower(name).clips(items, cacheLimit: stage.training.cache << 18)
            try space.parameters.whileFrozen { try feed.calibrate(items.count) }
        }
    }

    /// Sets the buffers of the towers that dropout and augmentation have misled.
    private func recalibrate() throws {
        for name in stage.recalibrate {
            let count = samples.items[name]?.count ?? 0
            try space.parameters.whileFrozen { try feeds[name]?.calibrate(count) }
        }
    }

    /// Runs to the end of the stage and returns how far it came; `save` is called after every epoch, and within long
    /// ones every minute.
    mutating func callAsFunction(
        _ log: TrainingLog, save: (TrainingState.Position, AdamW) throws -> Void
    ) throws -> TrainingState.Position {
        let total = stage.training.epochs * batches.perEpoch
        var saved = ContinuousClock.now
        while position.epoch < stage.training.epochs {
            try stage.freeze(space, epoch: position.epoch)
            let done = position.step - position.epoch * batches.perEpoch
            for batch in batches.epoch(position.epoch).dropFirst(done) {
                let line = try step(batch)
                try log.write(line)
                position.step += 1
                position.lines += 1
                report(
                    .step(
                        position.step, of: total, epoch: position.epoch, loss: line.loss,
                        floor: line.floor, scale: line.scale.values.first, rate: line.rate))
                guard ContinuousClock.now - saved > .seconds(60) else { continue }
                try save(position, optimizer)
                saved = .now
            }
            position.epoch += 1
            try save(position, optimizer)
            saved = .now
            report(.saved(epoch: position.epoch))
        }
        try recalibrate()
        return position
    }

    private mutating func step(_ batch: [Int]) throws -> TrainingLog.Line {
        let step = step(at: position.step)
        var drawn: [String: [Int]] = [:]
        for tower in samples.items.keys.sorted() {
            var random = step.random(for: "\(tower).choice")
            drawn[tower] = samples.draw(batch, for: tower, &random)
        }
        return try take(batch, drawn, at: position.step)
    }

    /// What is random in a step.
    private func step(at place: Int) -> Step { Step(seed: stage.training.seed, stage: number, number: place) }

    /// One update on the given items, as the step at `place` of the stage.
    mutating func take(
        _ batch: [Int], _ drawn: [String: [Int]], at place: Int
    ) throws -> TrainingLog.Line {
        let step = step(at: place)
        var loss = Tensor(0)
        var floor = 0.0
        let told = stage.loss.name.usesGroups ? samples.groups.map { groups in batch.map { groups[$0] } } : nil
        for pair in stage.pairs {
            let temperature = try space.temperature(pair.a, pair.b)
            let same = [told, drawn[pair.a], drawn[pair.b]].compactMap(\.self)
            let groups = PairBatch.groups(same, count: batch.count)
            floor +=
                stage.loss.name.usesGroups
                ? PairBatch.entropyFloor(groups) : same.map(PairBatch.entropyFloor).max() ?? 0
            let batch = PairBatch(
                a: try rows(of: pair.a, drawn, step), b: try rows(of: pair.b, drawn, step), scale: temperature.scale,
                bias: temperature.bias?(), groups: groups)
            loss = loss + stage.loss.loss(batch)
        }
        guard loss.item.isFinite else { throw notFinite(try firstNotFinite(drawn, step)) }
        let gradients = loss.backward()
        let broken = space.parameters.trainable.first { gradients[$0].map { !$0.isFinite } ?? false }
        if let broken { throw notFinite(broken.name) }
        let factor = schedule(place)
        let norm = optimizer.step(gradients, factor: factor, clip: stage.training.clip)
        step.commit()
        for pair in stage.pairs { try space.temperature(pair.a, pair.b).clamp() }
        let scales = try stage.pairs.map { ($0.name, try space.temperature($0.a, $0.b).logScale.value.exp().item) }
        return TrainingLog.Line(
            stage: stage.name, epoch: position.epoch, step: place, loss: loss.item,
            floor: stage.loss.name.hasEntropyFloor ? floor : nil, rate: stage.training.rate * factor,
            scale: Dictionary(scales) { first, _ in first }, norm: norm)
    }

    /// The unit rows of the drawn items of a tower; a frozen tower runs as in inference.
    ///
    /// A pair of a tower with itself asks twice, and sees two views of each item, changed at random each for itself.
    private func rows(of name: String, _ drawn: [String: [Int]], _ step: Step) throws -> Tensor {
        guard let feed = feeds[name], let items = drawn[name] else { throw TrainingError.noColumn(tower: name) }
        let tower = try space.tower(name)
        let pass: Pass = tower.isEncoderFrozen ? .inference : .training(step)
        return tower.projection(try feed.vectors(of: items, pass)).l2Normalized()
    }

    /// The first parameter that is not finite, else the tower whose vectors are not; nil where the loss itself broke.
    private func firstNotFinite(_ drawn: [String: [Int]], _ step: Step) throws -> String? {
        if let broken = space.parameters.all.first(where: { !$0.value.isFinite }) { return broken.name }
        for name in Set(stage.pairs.flatMap { [$0.a, $0.b] }).sorted() {
            guard try rows(of: name, drawn, step).isFinite else { return "the vectors of \(name)" }
        }
        return nil
    }

    private func notFinite(_ parameter: String?) -> TrainingError {
        let kept = position.epoch > 0 ? "the state after epoch \(position.epoch) is kept" : "no epoch was finished"
        return .notFinite(step: position.step, parameter: parameter, kept: kept)
    }
}
