import Foundation

/// Runs judged on the same items: what they score on average, and how far that is from what others score on them.
///
/// Differences are drawn item by item together, so that what is hard for all does not widen their intervals. Runs of one recipe
/// that differ by their seed are averaged per item; the interval is then over items, not over seeds.
public struct Comparison: Sendable {
    /// The accuracy of each run.
    public let accuracies: [Double]
    /// The mean over the runs of what each item scores, by template and last the ensemble.
    private let own: Scores
    private let others: Scores?
    private let templates: [String]
    private let bootstrap: Bootstrap

    private struct Scores {
        let templates: [[Double]]
        let ensemble: [Double]

        init(_ runs: [ZeroShot]) {
            func mean(_ judged: [Classification]) -> [Double] { judged.map { $0.hits() }.columnMeans }
            templates = runs[0].templates.indices.map { place in mean(runs.map { $0.perTemplate[place] }) }
            ensemble = mean(runs.map(\.ensemble))
        }
    }

    /// Compares `runs`, at least one, with `others` if there are any; traps unless all judge as many items by as many templates.
    public init(_ runs: [ZeroShot], against others: [ZeroShot] = [], _ bootstrap: Bootstrap = Bootstrap()) {
        precondition(
            !runs.isEmpty
                && (runs + others).allSatisfy {
                    $0.ensemble.labels == runs[0].ensemble.labels && $0.templates == runs[0].templates
                }, "Comparison: the runs judge different items")
        accuracies = runs.map { $0.ensemble.accuracy() }
        own = Scores(runs)
        self.others = others.isEmpty ? nil : Scores(others)
        templates = runs[0].templates
        self.bootstrap = bootstrap
    }

    /// A difference of means with its paired interval.
    public struct Difference: Hashable, Sendable {
        /// By how much the first is above the second.
        public let value: Double
        /// Its 95 % interval.
        public let interval: Interval

        /// `+3.2 (−1.0 to 7.5)`, in points.
        public var words: String {
            String(format: "%+.1f (%+.1f to %+.1f)", value * 100, interval.low * 100, interval.high * 100)
        }
    }

    private func difference(_ a: [Double], _ b: [Double]) -> Difference {
        Difference(value: a.mean - b.mean, interval: bootstrap.interval(ofDifference: a, b))
    }

    /// The runs' ensembles less the others'; nil without others.
    public var fromOthers: Difference? { others.map { difference(own.ensemble, $0.ensemble) } }

    /// Each template less the ensemble.
    public var fromEnsemble: [Difference] { own.templates.map { difference($0, own.ensemble) } }

    /// Each template less the same template of the others; empty without others.
    public var templatesFromOthers: [Difference] {
        others.map { zip(own.templates, $0.templates).map { difference($0, $1) } } ?? []
    }

    /// The mean accuracy of the runs with its interval, and of each template.
    public var mean: (value: Double, interval: Interval, perTemplate: [Double]) {
        (own.ensemble.mean, bootstrap.interval(ofMean: own.ensemble), own.templates.map(\.mean))
    }

    /// `runs_acc1`, `mean_acc1`; with others `others_acc1` and `difference`; with several templates `mean_per_template`,
    /// `per_template_less_ensemble` and `per_template_difference`; each difference with its paired interval.
    public var metrics: Metrics {
        var metrics: Metrics = ["runs_acc1": .list(accuracies)]
        metrics.add("mean_acc1", meanOf: own.ensemble, bootstrap)
        if let fromOthers, let others {
            metrics.add("others_acc1", meanOf: others.ensemble, bootstrap)
            metrics["difference"] = .number(fromOthers.value)
            metrics["difference_ci95"] = .interval(fromOthers.interval)
        }
        guard templates.count > 1 else { return metrics }
        metrics["mean_per_template"] = .table(named(own.templates.map { .number($0.mean) }))
        add("per_template_less_ensemble", fromEnsemble, &metrics)
        if others != nil { add("per_template_difference", templatesFromOthers, &metrics) }
        return metrics
    }

    private func add(_ name: String, _ differences: [Difference], _ metrics: inout Metrics) {
        metrics[name] = .table(named(differences.map { .number($0.value) }))
        metrics["\(name)_ci95"] = .table(named(differences.map { .interval($0.interval) }))
    }

    private func named(_ values: [Metric]) -> [String: Metric] {
        Dictionary(zip(templates, values)) { first, _ in first }
    }

    /// The table of a page: every template and the ensemble, with paired differences.
    public var section: Report.Section {
        let apart = fromOthers != nil
        let columns = ["template", "accuracy", "less the ensemble"] + (apart ? ["less the others"] : [])
        let rows = templates.indices.map { place in
            [templates[place], own.templates[place].mean.percent, fromEnsemble[place].words]
                + (apart ? [templatesFromOthers[place].words] : [])
        }
        let whole = [["ensemble", mean.value.percent, ""] + (fromOthers.map { [$0.words] } ?? [])]
        let told = accuracies.count == 1 ? "" : "The mean of \(accuracies.count) runs. "
        return Report.Section(
            "Differences",
            note: told + "Points with paired 95 % intervals over the items: one that holds 0 proves no difference.",
            .table(columns: columns, rows: (templates.count > 1 ? rows : []) + whole))
    }
}
