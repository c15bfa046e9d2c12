/// What is left of an accuracy when the data shifts (Radford and others 2021, section 3.3 and table 16).
public struct Robustness: Sendable {
    /// One shifted set.
    public struct Shift: Sendable {
        /// What it is called.
        public let name: String
        /// How well its items are named.
        public let judged: Classification

        /// A set and how well its items are named.
        public init(_ name: String, _ judged: Classification) {
            self.name = name
            self.judged = judged
        }
    }

    /// The set that training resembles.
    public let reference: Shift
    /// The others.
    public let shifted: [Shift]

    /// Shifted sets, at least one, beside a reference; traps when there is none.
    public init(reference: Shift, shifted: [Shift]) {
        precondition(!shifted.isEmpty, "Robustness: no shifted set")
        self.reference = reference
        self.shifted = shifted
    }

    /// The mean accuracy over the shifted sets, each counting once.
    public var meanShifted: Double { shifted.map { $0.judged.accuracy() }.mean }

    /// How far a shifted set is above the reference, with the interval of two sets that are drawn by themselves.
    public func difference(_ shift: Shift, _ bootstrap: Bootstrap = Bootstrap()) -> Comparison.Difference {
        Comparison.Difference(
            value: shift.judged.accuracy() - reference.judged.accuracy(),
            interval: bootstrap.interval(ofIndependent: shift.judged.hits(), reference.judged.hits()))
    }

    /// `reference_acc1`, `shifted_acc1` and `shift_difference` by set, `mean_shifted_acc1`.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics: Metrics = ["mean_shifted_acc1": .number(meanShifted)]
        metrics.add("reference_acc1", meanOf: reference.judged.hits(), bootstrap)
        func named(_ value: (Shift) -> Metric) -> Metric {
            .table(Dictionary(shifted.map { ($0.name, value($0)) }) { first, _ in first })
        }
        metrics["shifted_acc1"] = named { .number($0.judged.accuracy()) }
        metrics["shifted_acc1_ci95"] = named { .interval(bootstrap.interval(ofMean: $0.judged.hits())) }
        metrics["shift_difference"] = named { .number(difference($0, bootstrap).value) }
        metrics["shift_difference_ci95"] = named { .interval(difference($0, bootstrap).interval) }
        return metrics
    }

    /// The page: a row per set.
    public func report(_ title: String, origin: Report.Origin, _ bootstrap: Bootstrap = Bootstrap()) -> Report {
        let sets = [reference] + shifted
        let rows = sets.enumerated().map { place, set in
            let range = bootstrap.interval(ofMean: set.judged.hits())
            return [
                set.name, "\(set.judged.labels.count)", set.judged.accuracy().percent,
                "\(range.low.percent) to \(range.high.percent)",
                place == 0 ? "the reference" : difference(set, bootstrap).words,
            ]
        }
        let chance = 1 / Double(reference.judged.classes)
        return Report(
            title, subtitle: "The same prompts on data that training resembles and on data that shifted.",
            figures: [
                .init(
                    "reference", reference.judged.accuracy(),
                    interval: bootstrap.interval(ofMean: reference.judged.hits()), chance: chance),
                .init("mean of the shifted sets", meanShifted, chance: chance),
            ],
            sections: [
                .init(
                    "Each set", note: "Differences in points with 95 % intervals; the sets are drawn independently.",
                    .table(columns: ["set", "items", "accuracy", "95 %", "difference"], rows: rows)),
                .init(
                    "Drawn",
                    .bars(
                        sets.map {
                            .init(
                                $0.name, $0.judged.accuracy(), interval: bootstrap.interval(ofMean: $0.judged.hits()),
                                chance: chance)
                        })),
            ], origin: origin)
    }
}
