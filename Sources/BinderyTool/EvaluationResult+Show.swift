import Bindery
import Foundation

extension EvaluationResult {
    /// Every number on standard output, one per line.
    func show() {
        for (name, metric) in metrics.sorted(by: { Self.place(of: $0.key) < Self.place(of: $1.key) }) {
            guard !name.hasSuffix("_chance") else { continue }
            if let number = metric.number {
                Output.line(
                    line(
                        name, number, metrics["\(name)_ci95"]?.interval,
                        chance: metrics["\(name)_chance"]?.number, isDifference: name == "difference"))
            } else if let table = metric.table, name == "k_shot" {
                for (k, metric) in table.sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
                    guard case .list(let list) = metric, list.count == 2 else { continue }
                    Output.line(line("\(k) shots", list[0], nil) + String(format: "  (deviation %.1f)", list[1] * 100))
                }
            } else if let table = metric.table,
                ["mean_per_template", "shifted_acc1", "shift_difference", "unseen_auc", "unseen_auc_percentile"]
                    .contains(name)
                    || name.hasPrefix("per_template_")
            {
                let intervals = metrics["\(name)_ci95"]?.table
                guard !name.hasSuffix("_ci95") else { continue }
                Output.line(name)
                for (template, metric) in table.sorted(by: { $0.key < $1.key }) {
                    guard let number = metric.number else { continue }
                    Output.line(
                        "  "
                            + line(
                                template, number, intervals?[template]?.interval,
                                isDifference: name.contains("less") || name.contains("difference")))
                }
            }
        }
    }

    /// By direction; in each the precision comes first, then the recalls by rising k.
    private static func place(of name: String) -> (String, Int) {
        guard let end = name.firstRange(of: /_(mAP@|R@|median_rank)/) else { return (name, 0) }
        let kind = name[end.lowerBound...]
        let order = ["_mAP@10", "_R@1", "_R@5", "_R@10"].firstIndex { kind == $0 } ?? 4
        return (String(name[..<end.lowerBound]), order)
    }

    private func line(
        _ name: String, _ number: Double, _ interval: Interval?, chance: Double? = nil, isDifference: Bool = false
    ) -> String {
        guard !name.hasSuffix("_rank"), !["c", "threshold", "raised_by"].contains(name) else {
            return String(format: "%7.5g  ", number) + name
        }
        guard !isDifference else {
            let range = interval.map { String(format: "  (%+.1f to %+.1f)", $0.low * 100, $0.high * 100) } ?? ""
            return String(format: "%+5.1f    ", number * 100) + name + range
        }
        let range = interval.map { String(format: "  (%.1f to %.1f)", $0.low * 100, $0.high * 100) } ?? ""
        let blind = chance.map { String(format: ", chance %.1f", $0 * 100) } ?? ""
        return String(format: "%5.1f %%  ", number * 100) + name + range + blind
    }
}
