public import BinderyBinding
import BinderyTensors

extension Classification {
    /// The sections that every naming of items has: each class, and what was taken for what.
    public func sections(_ names: [String], _ bootstrap: Bootstrap = Bootstrap()) -> [Report.Section] {
        let hits = hits()
        let bars = names.indices.map { label in
            let own = labels.indices.filter { labels[$0] == label }.map { hits[$0] }
            return Report.Bar(
                names[label], own.isEmpty ? .nan : own.mean,
                interval: own.isEmpty ? nil : bootstrap.interval(ofMean: own), chance: 1 / Double(classes),
                note: own.count == 1 ? "1 item" : "\(own.count) items")
        }
        return [
            Report.Section(
                "Each class",
                note:
                    "The share of each class's items that were named right, with its 95 % interval; the mark is chance.",
                .bars(bars)),
            Report.Section(
                "What was taken for what", note: "Rows are what an item is, columns what it was named.",
                .confusion(confusion, names: names)),
        ]
    }

    /// Accuracy, accuracy among five, and mean recall, each beside chance.
    public func figures(_ bootstrap: Bootstrap = Bootstrap()) -> [Report.Figure] {
        let metrics = metrics(bootstrap)
        let (one, five) = (1 / Double(classes), Double(min(5, classes)) / Double(classes))
        return [
            ("accuracy", "acc1", one), ("right among five", "acc5", five),
            ("mean recall", "mean_per_class_recall", one),
        ]
        .map { name, key, chance in
            Report.Figure(
                name, metrics[key]?.number ?? .nan, interval: metrics["\(key)_ci95"]?.interval, chance: chance)
        }
    }
}

extension ZeroShot {
    /// The page: accuracy, templates, classes, confusions, cosines, what withholding answers gains, worst mistakes.
    public func report(
        _ title: String, items: [Item], as modality: String, classes: [String], origin: Report.Origin,
        _ bootstrap: Bootstrap = Bootstrap()
    ) -> Report {
        let many = templates.count == 1 ? "one template" : "the ensemble of \(templates.count) templates"
        var report = Report(
            title, subtitle: "\(items.count) items named by the nearest of \(classes.count) prompts, \(many).",
            figures: ensemble.figures(bootstrap), origin: origin)
        if templates.count > 1 {
            let bars = zip(templates, perTemplate).map { template, judged in
                Report.Bar(
                    template, judged.accuracy(), interval: bootstrap.interval(ofMean: judged.hits()),
                    chance: 1 / Double(classes.count))
            }
            let whole = Report.Bar(
                "ensemble", ensemble.accuracy(), interval: bootstrap.interval(ofMean: ensemble.hits()),
                chance: 1 / Double(classes.count))
            report.sections.append(
                Report.Section("Each template", note: "How much the wording moves the result.", .bars(bars + [whole])))
        }
        report.sections += ensemble.sections(classes, bootstrap)
        report.sections += [cosineSection(classes), coverageSection, mistakeSection(items, modality, classes)]
        return report
    }

    private func cosineSection(_ classes: [String]) -> Report.Section {
        let values = cosines.values
        let means = classes.indices.map { label in
            let own = ensemble.labels.indices.filter { ensemble.labels[$0] == label }
            return classes.indices.map { column in
                own.isEmpty ? .nan : own.map { Double(values[$0 * classes.count + column]) }.mean
            }
        }
        return Report.Section(
            "Items and prompts", note: "The mean cosine of each class's items (rows) with each prompt, in hundredths.",
            .heatMap(.init(rows: classes, columns: classes, values: means)))
    }

    /// How much surer the first choice of every item is than the second, as a difference of cosines.
    private var margins: [Double] {
        let classes = ensemble.classes
        return cosines.read { cosines in
            ensemble.labels.indices.map { item in
                let row = UnsafeBufferPointer(rebasing: cosines[item * classes..<(item + 1) * classes])
                let best = row.top(2)
                return best.count == 2 ? Double(row[best[0]] - row[best[1]]) : 0
            }
        }
    }

    /// What withholding the less sure answers gains; sureness is the difference of the two highest cosines.
    public var rejection: Rejection { Rejection(confidences: margins, isRight: ensemble.ranks.map { $0 == 0 }) }

    private var coverageSection: Report.Section {
        let points = rejection.curve.map { (x: $0.coverage, y: $0.accuracy) }
        let half = rejection.threshold(coverage: 0.5)
        let note =
            half.map {
                "Answering only the surer half gives \($0.accuracy.percent); its margin is \($0.threshold.short). "
            } ?? ""
        return Report.Section(
            "None of these",
            note: note + "Sureness is the difference of the two highest cosines.",
            .curves(
                .init(x: "share answered", y: "accuracy", [.init("accuracy", points)], range: Interval(0, 1))))
    }

    private func mistakeSection(_ items: [Item], _ modality: String, _ classes: [String]) -> Report.Section {
        let values = cosines.values
        let wrong = items.indices.filter { ensemble.ranks[$0] > 0 }
            .map { item -> (item: Int, margin: Double) in
                let row = item * classes.count
                return (
                    item, Double(values[row + ensemble.predictions[item]] - values[row + ensemble.labels[item]])
                )
            }
            .sorted { ($1.margin, $0.item) < ($0.margin, $1.item) }
        guard !wrong.isEmpty else { return Report.Section("Worst mistakes", .text(["There are none."])) }
        return Report.Section(
            "Worst mistakes", note: "The wrong names that scored highest above the right ones.",
            .mistakes(
                wrong.prefix(12).map { item, margin in
                    Report.Mistake(
                        items[item].shortName, right: classes[ensemble.labels[item]],
                        taken: classes[ensemble.predictions[item]], margin: margin,
                        media: Report.Media(items[item], as: modality))
                }))
    }
}

extension Retrieval {
    /// The share of queries that found something of theirs among the first k, for every k up to 50.
    fileprivate func curve(_ name: String) -> [Report.Curves.Line] {
        let most = min(50, max(ranks.max() ?? 1, 10))
        return [
            .init(name, (1...most).map { (x: Double($0), y: recall($0)) }),
            .init("\(name), blindly", (1...most).map { (x: Double($0), y: chance($0)) }),
        ]
    }

    /// The page of both directions of a retrieval.
    public static func report(
        _ title: String, _ directions: [(name: String, found: Retrieval)], origin: Report.Origin,
        _ bootstrap: Bootstrap = Bootstrap()
    ) -> Report {
        var report = Report(title, subtitle: "Every item is asked for by the items it belongs to.", origin: origin)
        for (name, found) in directions {
            report.figures.append(
                Report.Figure(
                    "\(name): mAP@10", found.meanAveragePrecision,
                    interval: bootstrap.interval(ofMean: found.precisions), chance: found.chancePrecision))
            report.figures.append(
                Report.Figure(
                    "\(name): R@1", found.recall(1), interval: bootstrap.interval(ofMean: found.hits(1)),
                    chance: found.chance(1)))
        }
        report.sections.append(
            Report.Section(
                "Found among the first", note: "The share of queries with something of theirs among the first k.",
                .curves(
                    .init(
                        x: "k", y: "share of queries", directions.flatMap { $0.found.curve($0.name) },
                        range: Interval(0, 1)))))
        report.sections.append(Report.Section("In numbers", table(directions)))
        return report
    }

    /// One row per direction, every share with what blind drawing finds behind it.
    public static func table(_ directions: [(name: String, found: Retrieval)]) -> Report.Content {
        let rows = directions.map { name, found in
            [name, "\(found.ranks.count)", found.meanAveragePrecision.percent, found.chancePrecision.percent]
                + [1, 5, 10].flatMap { [found.recall($0).percent, found.chance($0).percent] } + [found.medianRank.short]
        }
        return .table(
            columns: [
                "direction", "queries", "mAP@10", "chance", "R@1", "chance", "R@5", "chance", "R@10", "chance",
                "median rank",
            ], rows: rows)
    }
}

extension Report.Media {
    /// What a browser can play or show of an item; nil for parts of files.
    init?(_ item: Item, as modality: String) {
        guard case .file(let url) = item.source else { return nil }
        switch modality {
        case "audio": self = .audio(url)
        case "image", "thermal", "depth": self = .image(url)
        default: return nil
        }
    }
}

extension Item {
    /// The name without its folder.
    fileprivate var shortName: String { name.split(separator: "/").last.map(String.init) ?? name }
}
