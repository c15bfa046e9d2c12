import ArgumentParser
import Bindery
import Foundation

/// Where the results of an evaluation go.
struct EvaluationOutput: ParsableArguments {
    @Option(help: ArgumentHelp("Where the result goes as JSON.", valueName: "F"))
    var json: String?

    @Option(help: ArgumentHelp("Where a page of it goes, one file of HTML.", valueName: "F.html"))
    var report: String?

    /// Writes the files that were asked for, and every number on standard output.
    func write(_ result: EvaluationResult, report page: () throws -> Report) throws {
        if let json { try result.json().write(to: URL(filePath: json), options: .atomic) }
        if let report { try page().write(to: URL(filePath: report)) }
        for (name, metric) in result.metrics.sorted(by: { $0.key < $1.key }) {
            if let number = metric.number {
                Output.line(line(name, number, result.metrics["\(name)_ci95"]?.interval))
            } else if let table = metric.table, name == "k_shot" {
                for (k, metric) in table.sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
                    guard case .list(let list) = metric, list.count == 2 else { continue }
                    Output.line(line("\(k) shots", list[0], nil) + String(format: "  (deviation %.1f)", list[1] * 100))
                }
            }
        }
    }

    private func line(_ name: String, _ number: Double, _ interval: Interval?) -> String {
        guard !name.hasSuffix("_rank"), name != "c" else { return String(format: "%7.5g  ", number) + name }
        let range = interval.map { String(format: "  (%.1f to %.1f)", $0.low * 100, $0.high * 100) } ?? ""
        return String(format: "%5.1f %%  ", number * 100) + name + range
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
