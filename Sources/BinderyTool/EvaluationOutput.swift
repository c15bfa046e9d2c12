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
        if let json { try AtomicFile.save(result.json(), to: URL(filePath: json)) }
        if let report {
            var page = try page()
            if !warnings.isEmpty { page.sections.insert(Report.Section("Also trained on", .text(warnings)), at: 0) }
            if let outcome = TrainingOutcome(in: Pulled.url(of: model.model)), !outcome.anchors.isEmpty {
                page.sections.append(Report.Section("Anchor drift in training", .text(outcome.sentences)))
            }
            try page.write(to: URL(filePath: report))
        }
        result.show()
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
