import ArgumentParser
import Bindery
import Foundation

/// Where the results of an evaluation go.
struct EvaluationOutput: ParsableArguments {
    @Option(help: ArgumentHelp("Where the result goes as JSON.", valueName: "F"))
    var json: String?

    @Option(help: ArgumentHelp("Where a page of it goes, one file of HTML.", valueName: "F.html"))
    var report: String?

    /// Throws when what was asked for could not be written, before anything is computed.
    func check() throws {
        for path in [json, report].compactMap(\.self) {
            let url = URL(filePath: path)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
                throw Refusal("\(url.path) is a folder; name a file")
            }
            let folder = url.deletingLastPathComponent()
            guard FileManager.default.isWritableFile(atPath: folder.path) else {
                throw Refusal("\(path): nothing can be written in \(folder.path); make that folder or name another")
            }
        }
    }

    /// Writes the files that were asked for, and every number on standard output.
    ///
    /// What `overlaps` found to be trained on is warned of and counted.
    func write(
        _ result: EvaluationResult, of model: ModelOptions, _ overlaps: [Overlap], report page: () throws -> Report
    ) throws {
        var result = result
        let warnings = overlaps.compactMap(\.warning)
        if !overlaps.isEmpty { result.itemsTrainedOn = overlaps.reduce(0) { $0 + $1.items.count } }
        for warning in warnings { Output.note("warning: \(warning)") }
        if let json { try result.json().write(to: URL(filePath: json), options: .atomic) }
        if let report {
            var page = try page()
            if !warnings.isEmpty { page.sections.insert(Report.Section("Also trained on", .text(warnings)), at: 0) }
            if let outcome = TrainingOutcome(in: Pulled.url(of: model.model)), !outcome.anchors.isEmpty {
                page.sections.append(Report.Section("Anchor drift in training", .text(outcome.sentences)))
            }
            try page.write(to: URL(filePath: report))
        }
        for (name, metric) in result.metrics.sorted(by: { Self.place(of: $0.key) < Self.place(of: $1.key) }) {
            guard !name.hasSuffix("_chance") else { continue }
            if let number = metric.number {
                Output.line(
                    line(
                        name, number, result.metrics["\(name)_ci95"]?.interval,
                        chance: result.metrics["\(name)_chance"]?.number, isDifference: name == "difference"))
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
                let intervals = result.metrics["\(name)_ci95"]?.table
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

    /// The command as it was typed, and what it read.
    static func origin(_ model: ModelOptions, _ opened: Model, _ manifests: [String]) throws -> Report.Origin {
        let words = CommandLine.arguments.enumerated().map { index, word in
            let word = index == 0 ? "bindery" : word
            let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,@+".contains($0) }
            return isPlain ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
        }
        return Report.Origin(
            command: words.joined(separator: " "),
            [("model", model.model), ("fingerprint", try opened.fingerprint().description)]
                + manifests.map { ("manifest", $0) })
    }
}
