import BinderyBinding
import BinderyLayers
import BinderyTensors

/// Everything one tower sees in training: its distinct items, ready to be embedded by number.
protocol Feed: Sendable {
    /// The tower's vectors of the given items before the head, [items, encoder width].
    func vectors(of items: [Int], _ pass: Pass) throws -> Tensor
}

extension JointSpace.Tower {
    /// The feed of this tower over `items`: clips when the encoder learns, vectors when it is frozen.
    ///
    /// Items that cannot be read are all named in one error.
    func feed(
        _ items: [Item], augmentation: Config, cacheLimit: Int, progress: @escaping @Sendable (Int) -> Void
    ) throws -> any Feed {
        try open(encoder, items, augmentation, cacheLimit, progress)
    }

    /// The clips of `items` with nothing changed, for the pass that sets buffers.
    func clips(_ items: [Item], cacheLimit: Int) throws -> any Feed {
        func open<E: Encoder>(_ encoder: E) throws -> any Feed {
            let feed = ClipFeed(
                tower: name, encoder: encoder, items: items, augmentation: { clip, _ in clip }, limit: cacheLimit)
            try feed.prepare { _ in }
            return feed
        }
        return try open(encoder)
    }

    private func open<E: Encoder>(
        _ encoder: E, _ items: [Item], _ augmentation: Config, _ cacheLimit: Int,
        _ progress: @escaping @Sendable (Int) -> Void
    ) throws -> any Feed {
        let change = try encoder.augmentation(augmentation)
        let clips = ClipFeed(tower: name, encoder: encoder, items: items, augmentation: change, limit: cacheLimit)
        try clips.prepare(progress)
        return isEncoderFrozen ? try VectorFeed(clips, encoder, count: items.count) : clips
    }
}

/// Clips of an encoder that learns: prepared once, kept as far as memory is granted, changed anew at every step.
private final class ClipFeed<E: Encoder>: Feed {
    private let tower: String
    private let encoder: E
    private let items: [Item]
    private let augmentation: Augmentation<E.Clip>
    private let limit: Int
    private nonisolated(unsafe) var kept: [[E.Clip]?]

    init(tower: String, encoder: E, items: [Item], augmentation: @escaping Augmentation<E.Clip>, limit: Int) {
        self.tower = tower
        self.encoder = encoder
        self.items = items
        self.augmentation = augmentation
        self.limit = limit
        kept = Array(repeating: nil, count: items.count)
    }

    /// Reads every item once, so that one that cannot be read is known before the first step.
    func prepare(_ progress: @Sendable (Int) -> Void) throws {
        var room = limit
        var failures: [UnreadableItems.Failure] = []
        for part in Array(items.indices).cut(by: 64) {
            let prepared = try Preparation.parallel(part.count) { offset in
                Result { try self.read(part[part.startIndex + offset]) }
            }
            for (index, result) in zip(part, prepared) {
                switch result {
                case .failure(let error): failures.append(.init(item: items[index].name, reason: "\(error)"))
                case .success(let clips):
                    let size = clips.reduce(0) { $0 + encoder.length(of: $1) }
                    guard size <= room else { continue }
                    room -= size
                    kept[index] = clips
                }
            }
            progress(part.endIndex)
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
            return augmentation(clips[row][choice], &random)
        }
        return encoder(changed, pass)
    }
}

/// Vectors of a frozen encoder, computed once.
private struct VectorFeed: Feed {
    private let table: Tensor

    init<E: Encoder>(_ feed: ClipFeed<E>, _ encoder: E, count: Int) throws {
        let parts = try Array(0..<count).cut(by: encoder.batchLimit).map { part in
            let clips = try feed.clips(of: Array(part))
            let vectors = encoder(clips.flatMap { $0 }, .inference)
            var first = 0
            return Tensor.concatenated(
                clips.map { clips in
                    defer { first += clips.count }
                    return vectors.slice(axis: 0, first..<first + clips.count).mean(axes: [0], keeping: true)
                }, axis: 0)
        }
        table = Tensor.concatenated(parts, axis: 0)
    }

    func vectors(of items: [Int], _ pass: Pass) -> Tensor { table.gather(rows: items) }
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
