public import BinderyBinding
import BinderyLayers
public import Foundation

/// What a model was trained on, by content: the hash of every item except texts, kept beside the model.
///
/// A test item that was also trained on says nothing about unseen ones; a copy under another name says as little.
public struct TrainedItems: Sendable {
    private static let name = "items.json"
    private var hashes: [String: Set<String>]

    /// The contents of `items`, by tower; those that cannot be read are left out.
    public init(_ items: [String: [Item]]) {
        let contents = ContentHashes()
        hashes = items.filter { $0.key != "text" }
            .mapValues { Set($0.compactMap { contents.key(of: [$0])?.description }) }
    }

    /// What the model in `folder` was trained on; nil when it does not say.
    public init?(in folder: URL) {
        guard let data = try? Data(contentsOf: folder.appending(path: Self.name)),
            let hashes = try? JSONDecoder().decode([String: Set<String>].self, from: data)
        else { return nil }
        self.hashes = hashes
    }

    /// Both together.
    public func merging(_ other: TrainedItems) -> TrainedItems {
        var all = self
        all.hashes.merge(other.hashes) { $0.union($1) }
        return all
    }

    /// What one tower was trained on.
    func of(_ tower: String) -> TrainedItems {
        var one = TrainedItems([:])
        one.hashes = hashes.filter { $0.key == tower }
        return one
    }

    func write(to folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(hashes.mapValues { $0.sorted() })
            .write(to: folder.appending(path: Self.name), options: .atomic)
    }

    /// Those of `items` that the tower was trained on, in order.
    public func met(_ items: [Item], as modality: String) -> [Item] {
        guard let known = hashes[modality], !known.isEmpty else { return [] }
        let contents = ContentHashes()
        return items.filter { contents.key(of: [$0]).map { known.contains($0.description) } ?? false }
    }
}

/// Items that stand in both what was trained on and what is judged.
public struct Overlap: Sendable {
    /// How many items were compared.
    public let judged: Int
    /// Those that were also trained on.
    public let items: [Item]

    /// The items of `judged` that `trained` knows.
    public init(_ judged: [Item], as modality: String, trained: TrainedItems) {
        self.judged = judged.count
        items = trained.met(judged, as: modality)
    }

    /// One sentence for people, with the first paths; nil when there are none.
    public var warning: String? {
        guard !items.isEmpty else { return nil }
        let shown = items.prefix(5).map(\.name).joined(separator: ", ")
        let more = items.count > 5 ? " and \(items.count - 5) more" : ""
        return
            "\(items.count) of \(judged) items were also trained on, so the score is not that of unseen ones: \(shown)\(more)"
    }
}
