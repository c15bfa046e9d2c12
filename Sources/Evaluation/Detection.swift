public import BinderyTensors

/// How well a prompt finds the items of its class among others, beside prompts that mean something else altogether.
///
/// The area under the curve of hits over false alarms (Fawcett 2006): how often an item of the class is nearer to the prompt than
/// one of another class, 0.5 by chance. What sets a class apart may also bring it near to any sentence, so that an area
/// counts only where it is above those of unrelated prompts.
public struct Detection: Sendable {
    /// The area of the class's own prompt.
    public let area: Double
    /// The area of every unrelated prompt, asked for the same items.
    public let unrelated: [Double]
    private let own: [BinaryRanking]
    private let count: Int

    /// Judges the column `prompt` of `cosines` [items, classes] and all columns of `unrelated` [items, prompts].
    ///
    /// Traps unless some items are of the class and some are not.
    public init(cosines: Tensor, prompt: Int, isOwn: [Bool], unrelated: Tensor? = nil) {
        precondition(isOwn.contains(true) && isOwn.contains(false), "Detection: items of one kind only")
        func ranking(_ column: Int, of cosines: Tensor) -> BinaryRanking {
            let (values, width) = (cosines.values, cosines.shape[1])
            return BinaryRanking(
                scores: isOwn.indices.map { Double(values[$0 * width + column]) }, isPositive: isOwn)
        }
        count = isOwn.count
        own = [ranking(prompt, of: cosines)]
        area = own[0].area ?? 0.5
        self.unrelated =
            unrelated.map { cosines in (0..<cosines.shape[1]).map { ranking($0, of: cosines).area ?? 0.5 } } ?? []
    }

    /// Runs that judged the same items, their areas averaged; traps unless there is one.
    public init(meanOf runs: [Detection]) {
        area = runs.map(\.area).mean
        unrelated = runs.map(\.unrelated).columnMeans
        own = runs.flatMap(\.own)
        count = runs[0].count
    }

    /// How many of the unrelated prompts have a smaller area.
    public var beaten: Int { unrelated.count { $0 < area } }

    /// The interval of the area, over the items.
    public func interval(_ bootstrap: Bootstrap = Bootstrap()) -> Interval {
        let own = own
        return bootstrap.interval(items: count) { counts in own.map { $0.drawn(counts).area ?? 0.5 }.mean }
    }
}

extension [String: Detection] {
    /// `unseen_auc` by class, with intervals; `unseen_auc_percentile`, the share of unrelated prompts below, where there are some.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics: Metrics = [
            "unseen_auc": .table(mapValues { .number($0.area) }),
            "unseen_auc_ci95": .table(mapValues { .interval($0.interval(bootstrap)) }),
        ]
        if values.contains(where: { !$0.unrelated.isEmpty }) {
            metrics["unseen_auc_percentile"] = .table(
                mapValues { .number(Double($0.beaten) / Double($0.unrelated.count)) })
            metrics["unrelated_auc"] = .table(mapValues { .list($0.unrelated) })
        }
        return metrics
    }

    /// A row for each class.
    public func section(_ bootstrap: Bootstrap = Bootstrap()) -> Report.Section {
        let rows = sorted { $0.key < $1.key }.map { name, found in
            let range = found.interval(bootstrap)
            return [
                name, found.area.percent, "\(range.low.percent) to \(range.high.percent)",
                found.unrelated.isEmpty ? "" : "\(found.beaten) of \(found.unrelated.count)",
            ]
        }
        return Report.Section(
            "Prompts of classes that were left out",
            note:
                "How often an item of the class is nearer to its prompt than another item; chance is 50 %. Only what is "
                + "above unrelated prompts counts.",
            .table(columns: ["class", "area", "95 %", "unrelated prompts below"], rows: rows))
    }
}
