public import BinderyTensors

/// Naming items by the prompt that is nearest.
///
/// There is one prompt per class and template (Radford and others 2021, section 3.1).
public struct ZeroShot: Sendable {
    /// The sentences whose `{}` holds the class, in order.
    public let templates: [String]
    /// The judgement by each template alone, in the same order.
    public let perTemplate: [Classification]
    /// The judgement by the mean of the templates' unit vectors, made unit again.
    public let ensemble: Classification
    /// The items' unit vectors, [items, width].
    public let items: Tensor
    /// The cosines of the items with the ensemble's vectors, [items, classes].
    public let cosines: Tensor

    /// Judges unit rows `items` [items, width] by unit rows `prompts` [templates · classes, width], all classes of the
    /// first template first.
    ///
    /// Traps unless shapes and counts fit each other.
    public init(items: Tensor, prompts: Tensor, templates: [String], labels: [Int]) {
        precondition(
            items.rank == 2 && prompts.rank == 2 && items.shape[1] == prompts.shape[1] && !templates.isEmpty
                && prompts.shape[0] % templates.count == 0,
            "ZeroShot: items \(items.shape), prompts \(prompts.shape) of \(templates.count) templates")
        let classes = prompts.shape[0] / templates.count
        self.items = items
        self.templates = templates
        perTemplate = templates.indices.map { template in
            let rows = prompts.slice(axis: 0, template * classes..<(template + 1) * classes)
            return Classification(scores: items.matmul(transposed: rows), labels: labels)
        }
        cosines = items.matmul(transposed: Self.ensemble(prompts, templates.count))
        ensemble = Classification(scores: cosines, labels: labels)
    }

    /// The mean of the templates' unit vectors, made unit again: [templates · phrases, width] → [phrases, width].
    ///
    /// Traps unless the rows are as many of each template.
    public static func ensemble(_ prompts: Tensor, _ templates: Int) -> Tensor {
        let (rows, width) = (prompts.shape[0], prompts.shape[1])
        return prompts.reshaped([templates, rows / templates, width]).mean(axes: [0]).l2Normalized()
    }

    /// The cosines of the items with other prompts in the same templates, [items, phrases].
    public func cosines(with prompts: Tensor) -> Tensor {
        items.matmul(transposed: Self.ensemble(prompts, templates.count))
    }

    /// The prompts of `phrases` in the order that `init` expects.
    public static func prompts(_ templates: [String], _ phrases: [String]) -> [String] {
        templates.flatMap { template in phrases.map { template.replacing("{}", with: $0) } }
    }

    /// The ensemble's `acc1`, `acc5` and `mean_per_class_recall`; where templates were given, also `ensemble`, which
    /// equals `acc1`, and `per_template`; each with its interval.
    public func metrics(_ bootstrap: Bootstrap = Bootstrap(), templatesGiven: Bool) -> Metrics {
        var metrics = ensemble.metrics(bootstrap)
        guard templatesGiven else { return metrics }
        metrics["ensemble"] = metrics["acc1"]
        metrics["ensemble_ci95"] = metrics["acc1_ci95"]
        var (accuracies, intervals): (Metrics, Metrics) = ([:], [:])
        for (template, judgement) in zip(templates, perTemplate) {
            accuracies[template] = .number(judgement.accuracy())
            intervals[template] = .interval(bootstrap.interval(ofMean: judgement.hits()))
        }
        metrics["per_template"] = .table(accuracies)
        metrics["per_template_ci95"] = .table(intervals)
        return metrics
    }
}
