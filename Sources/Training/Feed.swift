import BinderyBinding
import BinderyLayers
import BinderyTensors

/// Everything one tower sees in training: its distinct items, ready to be embedded by number.
protocol Feed: Sendable {
    /// The tower's vectors of the given items before the head, [items, encoder width].
    func vectors(of items: [Int], _ pass: Pass) throws -> Tensor
}

extension Feed {
    /// Sets the encoder's buffers to the average over batches of about 32 of its first `count` items, nothing changed at
    /// random.
    ///
    /// Every batch takes one item in so many: manifests lie sorted by class, and neighbours would not show what classes
    /// differ by.
    func calibrate(_ count: Int) throws {
        let batches = (count + 31) / 32
        for batch in 0..<batches {
            let step = Step(calibrating: batch)
            _ = try vectors(of: Array(stride(from: batch, to: count, by: batches)), .training(step))
            step.commit()
        }
    }
}

extension JointSpace.Tower {
    /// The feed of this tower over `items`: clips when the encoder learns, vectors when it is frozen, from `kept` as far
    /// as they lie there; clips beyond `cacheLimit` numbers go to `spill`.
    ///
    /// Items that cannot be read are all named in one error.
    func feed(
        _ items: [Item], augmentation: Config, cacheLimit: Int, spill: ClipSpill?, kept: KeptVectors?,
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> any Feed {
        try open(encoder, items, augmentation, cacheLimit, spill, kept, progress)
    }

    /// The clips of `items` with nothing changed, for the pass that sets buffers.
    func clips(_ items: [Item], cacheLimit: Int) throws -> any Feed {
        func open<E: Encoder>(_ encoder: E) throws -> any Feed {
            let feed = ClipFeed(
                tower: name, encoder: encoder, items: items, augmentation: { clip, _ in clip }, limit: cacheLimit,
                spill: nil)
            try feed.prepare(Array(items.indices)) { _ in }
            return feed
        }
        return try open(encoder)
    }

    private func open<E: Encoder>(
        _ encoder: E, _ items: [Item], _ augmentation: Config, _ cacheLimit: Int, _ spill: ClipSpill?,
        _ kept: KeptVectors?, _ progress: @escaping @Sendable (Int) -> Void
    ) throws -> any Feed {
        let mixture = try Mixture(of: encoder, augmentation)
        let change = try encoder.augmentation(.map((augmentation.asMap ?? [:]).filter { $0.key != "mix" }))
        let clips = ClipFeed(
            tower: name, encoder: encoder, items: items, augmentation: change, mixture: mixture, limit: cacheLimit,
            spill: spill)
        guard !isEncoderFrozen else { return try VectorFeed(clips, encoder, items, kept, progress) }
        try clips.prepare(Array(items.indices), progress)
        return clips
    }
}

/// Clips of an encoder that learns: prepared once, kept in memory as far as it is granted and on disk beyond that, changed
/// anew at every step, which takes one clip of an item that has several, drawn at random.
private final class ClipFeed<E: Encoder>: Feed {
    private let tower: String
    private let encoder: E
    private let items: [Item]
    private let augmentation: Augmentation<E.Clip>
    private let mixture: Mixture<E.Clip>?
    private let limit: Int
    private let spill: ClipSpill?
    private nonisolated(unsafe) var kept: [[E.Clip]?]

    init(
        tower: String, encoder: E, items: [Item], augmentation: @escaping Augmentation<E.Clip>,
        mixture: Mixture<E.Clip>? = nil, limit: Int, spill: ClipSpill?
    ) {
        self.mixture = mixture
        self.tower = tower
        self.encoder = encoder
        self.items = items
        self.augmentation = augmentation
        self.limit = limit
        self.spill = spill
        kept = Array(repeating: nil, count: items.count)
    }

    /// Reads the given items once, so that one that cannot be read is known before the first step.
    func prepare(_ wanted: [Int], _ progress: @Sendable (Int) -> Void) throws {
        var room = limit
        var done = 0
        var failures: [UnreadableItems.Failure] = []
        for part in wanted.cut(by: 64) {
            var beyond: [(index: Int, clips: [E.Clip])] = []
            let prepared = try Preparation.parallel(part.count) { offset in
                Result { try self.read(part[part.startIndex + offset]) }
            }
            for (index, result) in zip(part, prepared) {
                switch result {
                case .failure(let error): failures.append(.init(item: items[index].name, reason: "\(error)"))
                case .success(let clips):
                    let size = clips.reduce(0) { $0 + encoder.length(of: $1) }
                    guard size <= room else {
                        beyond.append((index, clips))
                        continue
                    }
                    room -= size
                    kept[index] = clips
                }
            }
            for (item, clips) in zip(beyond, spill?.moved(beyond.map(\.clips)) ?? []) { kept[item.index] = clips }
            done += part.count
            progress(done)
        }
        guard failures.isEmpty else { throw UnreadableItems(failures: failures) }
    }

    private func read(_ index: Int) throws -> [E.Clip] {
        var clips = try encoder.clips(of: items[index])
        return try clips.next(.max).map(\.clip)
    }

    /// All clips of the given items, in order.
    func clips(of items: [Int]) throws -> [[E.Clip]] {
        try Preparation.parallel(items.count) { try kept[items[$0]] ?? read(items[$0]) }
    }

    func vectors(of items: [Int], _ pass: Pass) throws -> Tensor {
        let clips = try clips(of: items)
        guard case .training(let step) = pass, case .training = step.kind else {
            return encoder(clips.map { $0[0] }, pass)
        }
        let random = step.random(for: "\(tower).augmentation")
        let changed = try Preparation.parallel(clips.count) { row in
            var random = random.split(UInt64(row))
            let choice = clips[row].count > 1 ? random.integer(below: clips[row].count) : 0
            let clip = clips[row][choice]
            return augmentation(mixture?(clip, row, of: clips, random) ?? clip, &random)
        }
        return encoder(changed, pass)
    }
}

/// Vectors of a frozen encoder, computed once or read from where an earlier run kept them.
private struct VectorFeed: Feed {
    private let table: Tensor

    init<E: Encoder>(
        _ feed: ClipFeed<E>, _ encoder: E, _ items: [Item], _ kept: KeptVectors?,
        _ progress: @Sendable (Int) -> Void
    ) throws {
        let batches = Array(items.indices).cut(by: encoder.batchLimit).map(Array.init)
        var parts = batches.map { batch in kept?.vectors(of: batch.map { items[$0] }, width: encoder.width) }
        let missing = batches.indices.filter { parts[$0] == nil }
        let before = items.count - missing.reduce(0) { $0 + batches[$1].count }
        try feed.prepare(missing.flatMap { batches[$0] }) { progress(before + $0) }
        for index in missing {
            let batch = batches[index]
            let clips = try feed.clips(of: batch)
            let vectors = encoder(clips.flatMap { $0 }, .inference)
            var first = 0
            let means = Tensor.concatenated(
                clips.map { clips in
                    defer { first += clips.count }
                    return vectors.slice(axis: 0, first..<first + clips.count).mean(axes: [0], keeping: true)
                }, axis: 0)
            kept?.keep(means, of: batch.map { items[$0] })
            parts[index] = means
        }
        kept?.trim()
        table = Tensor.concatenated(parts.compactMap { $0 }, axis: 0)
    }

    func vectors(of items: [Int], _ pass: Pass) -> Tensor { table.gather(rows: items) }
}

/// What a cache keeps of one encoder.
final class KeptVectors {
    private let cache: AnchorCache
    private let maker: Fingerprint
    private let hashes: ContentHashes
    private var looked: [[Item]: Fingerprint] = [:]

    init(_ cache: AnchorCache, _ maker: Fingerprint, _ hashes: ContentHashes) {
        (self.cache, self.maker, self.hashes) = (cache, maker, hashes)
    }

    /// The vectors of a batch; nil when they are not kept.
    func vectors(of items: [Item], width: Int) -> Tensor? {
        guard let key = hashes.key(of: items, below: maker) else { return nil }
        looked[items] = key
        return cache.vectors(key, rows: items.count, width: width)
    }

    /// Keeps the vectors of a batch that was looked for, unless a file of it changed meanwhile.
    func keep(_ vectors: Tensor, of items: [Item]) {
        guard let key = looked[items], hashes.key(of: items, below: maker) == key else { return }
        cache.keep(vectors, as: key)
    }

    /// Removes what is too much.
    func trim() { cache.trim() }
}

/// Items of a manifest that cannot be read, with the reason for each.
public struct UnreadableItems: Error, CustomStringConvertible {
    /// One item and why it cannot be read.
    public struct Failure: Sendable {
        /// How the manifest names it.
        public let item: String
        /// One sentence.
        public let reason: String
    }

    /// All of them, in the order of the manifest.
    public let failures: [Failure]

    /// The first few with their reasons, and how many there are.
    public var description: String {
        let first = failures.prefix(3).map(\.reason).joined(separator: "; ")
        let more = failures.count > 3 ? " (and \(failures.count - 3) more)" : ""
        return "\(failures.count) of the items cannot be read: \(first)\(more)"
    }
}
