import BinderyLayers
public import BinderyTensors

extension JointSpace {
    /// The vector of a part of an item.
    public struct Window: Sendable {
        /// Which of the items it is a part of.
        public let item: Int
        /// The part in seconds; nil where the item has no time axis.
        public let range: Range<Double>?
        /// A unit vector, [width].
        public let vector: Tensor
    }

    /// One unit vector per item: [items, width].
    ///
    /// An item longer than what its encoder sees at once is cut into the encoder's fixed windows; the unit vectors of
    /// its windows are averaged and made unit again. Nothing is random, and an item's vector does not depend on what it
    /// was embedded with, beyond rounding. `progress` gets the number of items done.
    public func embed(
        _ items: [Item], as modality: String, progress: (Int) -> Void = { _ in }
    ) throws -> Tensor {
        try means(items, modality, .inSpace, progress).l2Normalized()
    }

    /// What the encoder alone says of every item, before the head: [items, encoder width], rows of any length.
    ///
    /// An item of several windows gets their average. `progress` gets the number of items done.
    public func features(
        _ items: [Item], as modality: String, progress: (Int) -> Void = { _ in }
    ) throws -> Tensor {
        try means(items, modality, .ofEncoder, progress)
    }

    private func means(
        _ items: [Item], _ modality: String, _ kind: Tower.Vectors, _ progress: (Int) -> Void
    ) throws -> Tensor {
        let width = kind == .inSpace ? plan.width : try tower(modality).encoder.width
        let means = VectorMeans(items: items.count, width: width)
        var done = 0
        try forEachWindow(of: items, as: modality, kind) { windows, finished in
            for window in windows { means.add(window.vector, to: window.item) }
            done += finished
            progress(done)
        }
        return means.tensor
    }

    /// The unit vector of every window of every item, in order.
    public func embedWindows(_ items: [Item], as modality: String) throws -> [Window] {
        var all: [Window] = []
        try forEachWindow(of: items, as: modality, .inSpace) { windows, _ in all.append(contentsOf: windows) }
        return all.sorted { ($0.item, $0.range?.lowerBound ?? 0) < ($1.item, $1.range?.lowerBound ?? 0) }
    }

    /// What of each item its encoder does not take, in words, by the item's place; items taken whole are left out.
    public func omissions(_ items: [Item], as modality: String) throws -> [Int: String] {
        let encoder = try tower(modality).encoder
        let found = try Preparation.parallel(items.count) { try encoder.omission(of: items[$0]) }
        return Dictionary(
            uniqueKeysWithValues: found.enumerated().compactMap { place, what in what.map { (place, $0) } })
    }

    private func forEachWindow(
        of items: [Item], as modality: String, _ kind: Tower.Vectors, _ body: ([Window], _ finished: Int) throws -> Void
    ) throws {
        let tower = try tower(modality)
        try parameters.whileFrozen { try tower.run(tower.encoder, items, kind, body) }
    }
}

extension JointSpace.Tower {
    /// Which vectors of a tower are meant: unit rows behind its head, or its encoder's own.
    fileprivate enum Vectors { case inSpace, ofEncoder }

    /// Opens the encoder's type once, then works through the items in groups whose clips fit memory.
    fileprivate func run<E: Encoder>(
        _ encoder: E, _ items: [Item], _ kind: Vectors, _ body: ([JointSpace.Window], Int) throws -> Void
    ) throws {
        let group = encoder.batchLimit * 4
        for begin in stride(from: 0, to: items.count, by: group) {
            let end = min(begin + group, items.count)
            var open = try Preparation.parallel(end - begin) { index in
                (item: begin + index, clips: try encoder.clips(of: items[begin + index]))
            }
            while !open.isEmpty {
                let current = open
                let pulled = try Preparation.parallel(current.count) { index in
                    var clips = current[index].clips
                    let pieces = try clips.next(encoder.batchLimit)
                    return (item: current[index].item, pieces: pieces, rest: clips)
                }
                let pieces = pulled.flatMap { pulled in pulled.pieces.map { (item: pulled.item, piece: $0) } }
                let order = pieces.indices.sorted {
                    (encoder.length(of: pieces[$0].piece.clip), $0) < (encoder.length(of: pieces[$1].piece.clip), $1)
                }
                open = pulled.filter { $0.pieces.count == encoder.batchLimit }.map { ($0.item, $0.rest) }
                var batches = order.cut(by: encoder.batchLimit).makeIterator()
                var finished = pulled.count - open.count
                while let batch = batches.next() {
                    let own = encoder(batch.map { pieces[$0].piece.clip }, .inference)
                    let rows = kind == .inSpace ? projection(own).l2Normalized() : own
                    let windows = batch.enumerated().map { row, index in
                        let piece = pieces[index]
                        return JointSpace.Window(
                            item: piece.item, range: piece.piece.range, vector: rows.slice(axis: 0, row..<row + 1))
                    }
                    if let bad = windows.first(where: { !$0.vector.isFinite }) {
                        throw SpaceError.notFinite(items[bad.item].name)
                    }
                    try body(windows, finished)
                    finished = 0
                }
            }
        }
    }
}

extension Array {
    /// Consecutive parts of at most `count` elements.
    package func cut(by count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}

/// The running sums of the windows' vectors, one row per item, and how many each has.
private final class VectorMeans {
    private let width: Int
    private var sums: [Float]
    private var counts: [Int]

    init(items: Int, width: Int) {
        self.width = width
        sums = Array(repeating: 0, count: items * width)
        counts = Array(repeating: 0, count: items)
    }

    func add(_ vector: Tensor, to item: Int) {
        counts[item] += 1
        vector.read { vector in
            sums.withUnsafeMutableBufferPointer { sums in
                for column in 0..<width { sums[item * width + column] += vector[column] }
            }
        }
    }

    var tensor: Tensor {
        Tensor(shape: [counts.count, width]) { means in
            for (item, count) in counts.enumerated() {
                for index in item * width..<(item + 1) * width { means[index] = sums[index] / Float(max(count, 1)) }
            }
        }
    }
}
