public import BinderyBinding
import BinderyTensors
import Foundation

/// Names what items show among labels written in words (Radford and others 2021, section 3.1).
public struct Classifier: Sendable {
    /// A label and its share of the softmax over all labels, from 0 to 1.
    public struct Score: Encodable, Hashable, Sendable {
        /// The label as it was given.
        public let label: String
        /// The share, from 0 to 1.
        public let score: Double
    }

    /// The labels, in the order they were given.
    public let labels: [String]
    private let space: JointSpace
    private let modality: String
    private let names: Tensor

    /// A classifier of items of `modality`; each label's vector is the mean of the vectors of its templates filled in.
    ///
    /// A template has `{}` where the label goes; without templates the labels stand as they are.
    public init(_ space: JointSpace, labels: [String], templates: [String] = [], of modality: String) throws {
        self.space = space
        self.labels = labels
        self.modality = modality
        let templates = templates.isEmpty ? ["{}"] : templates
        let prompts = templates.flatMap { template in
            labels.map { Item.text(template.replacingOccurrences(of: "{}", with: $0)) }
        }
        names = try space.embed(prompts, as: "text")
            .reshaped([templates.count, labels.count, space.plan.width])
            .mean(axes: [0])
            .l2Normalized()
    }

    /// The labels of every item by falling score.
    public func callAsFunction(_ items: [Item], progress: (Int) -> Void = { _ in }) throws -> [[Score]] {
        try scores(of: space.embed(items, as: modality, progress: progress))
    }

    /// The labels of every window of `seconds` of an item, one window every `hop` seconds, by falling score.
    ///
    /// The last window is the first that reaches the end of the item. Throws when items of this modality have no time
    /// axis.
    public func windows(
        of item: Item, seconds: Double, hop: Double
    ) throws -> [(range: Range<Double>, scores: [Score])] {
        guard let length = try space.tower(modality).encoder.duration(of: item) else {
            throw SpaceError.malformed("\(modality) has no time axis, so it has no windows; leave out --window")
        }
        guard length / hop < 1_000_000 else {
            throw SpaceError.malformed("a hop of \(hop) s over \(length) s gives more than a million windows")
        }
        let count = length <= seconds ? 1 : Int(((length - seconds) / hop).rounded(.up)) + 1
        let ranges = (0..<count).map { index in
            let start = Double(index) * hop
            return start..<min(start + seconds, length)
        }
        let vectors = try space.embed(ranges.map { Item(item.source, range: $0) }, as: modality)
        return zip(ranges, try scores(of: vectors)).map { (range: $0, scores: $1) }
    }

    /// How much surer the first of sorted `scores` is than the second, as the difference of cosines that `Rejection` goes by.
    public func margin(_ scores: [Score]) throws -> Double {
        guard scores.count > 1 else { return .infinity }
        let one = names.slice(axis: 0, 0..<1)
        let scale =
            try space.logits(one, one, as: (modality, "text")) - space.logits(one, one * 0, as: (modality, "text"))
        return log(scores[0].score / scores[1].score) / Double(scale.item)
    }

    private func scores(of vectors: Tensor) throws -> [[Score]] {
        let shares = try space.logits(vectors, names, as: (modality, "text")).softmax().values
        return (0..<vectors.shape[0]).map { row in
            labels.indices
                .map { Score(label: labels[$0], score: Double(shares[row * labels.count + $0])) }
                .sorted { $0.score > $1.score }
        }
    }
}
