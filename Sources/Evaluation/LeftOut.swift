public import BinderyTensors

/// What a model knows of classes that its training left out: whether it names them, as they are and raised, and whether their
/// prompts find their items.
public struct LeftOut: Sendable {
    /// How well they are named.
    public let asTheyAre: Unseen
    /// How well they are named when their cosines are raised, and by how much; nil where that was not learned.
    public let raised: (by: Float, judged: Unseen)?
    /// How well the prompt of each finds its items.
    public let detections: [String: Detection]

    /// Judges the classes `unseen`; `unrelated` are cosines of the items with prompts that mean none of them, [items, prompts].
    ///
    /// Traps unless the unseen classes have items each, and the others have some.
    public init(
        _ found: ZeroShot, _ names: [String], unseen: [Int], unrelated: Tensor? = nil, raisedBy raise: Float? = nil
    ) {
        let labels = found.ensemble.labels
        asTheyAre = Unseen(cosines: found.cosines, labels: labels, unseen: unseen)
        raised = raise.map {
            ($0, Unseen(cosines: found.cosines, labels: labels, unseen: unseen, raisedBy: $0))
        }
        let pairs = unseen.map { number in
            let isOwn = labels.map { $0 == number }
            return (
                names[number],
                Detection(cosines: found.cosines, prompt: number, isOwn: isOwn, unrelated: unrelated)
            )
        }
        detections = Dictionary(pairs) { first, _ in first }
    }

    /// Runs that judged the same items, averaged item by item, each raised by what it learned itself; traps unless there is one.
    public init(meanOf runs: [LeftOut]) {
        asTheyAre = Unseen(meanOf: runs.map(\.asTheyAre))
        let raised = runs.compactMap(\.raised)
        self.raised =
            raised.count == runs.count
            ? (raised.reduce(0) { $0 + $1.by } / Float(runs.count), Unseen(meanOf: raised.map(\.judged))) : nil
        detections = Dictionary(
            uniqueKeysWithValues: runs[0].detections.keys.map { name in
                (name, Detection(meanOf: runs.compactMap { $0.detections[name] }))
            })
    }

    /// The metrics of the naming, those of the raised one with `raised_` before them, `raised_by`, and those of the detections.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics = asTheyAre.metrics(bootstrap)
        metrics.merge(detections.metrics(bootstrap)) { first, _ in first }
        if let raised {
            metrics["raised_by"] = .number(Double(raised.by))
            for name in ["unseen_acc1", "seen_acc1", "harmonic_mean"] {
                let all = raised.judged.metrics(bootstrap)
                metrics["raised_\(name)"] = all[name]
                metrics["raised_\(name)_ci95"] = all["\(name)_ci95"]
            }
        }
        return metrics
    }

    /// A table of the naming and one of the prompts.
    public func sections(_ bootstrap: Bootstrap = Bootstrap()) -> [Report.Section] {
        let namings = [("as they are", asTheyAre)] + (raised.map { [("raised by \($0.by)", $0.judged)] } ?? [])
        let rows = namings.map { name, judged in
            let found = judged.metrics(bootstrap)
            return [name]
                + ["unseen_acc1", "seen_acc1", "harmonic_mean"].map { (found[$0]?.number ?? .nan).percent }
        }
        return [
            Report.Section(
                "Classes that were left out",
                note: "Recall among all classes of those that training did not have and of those it had.",
                .table(columns: ["cosines of the unseen", "unseen", "seen", "harmonic mean"], rows: rows)),
            detections.section(bootstrap),
        ]
    }
}
