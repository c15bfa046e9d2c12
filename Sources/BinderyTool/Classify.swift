import ArgumentParser
import Bindery
import Foundation

struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Names what files show, among labels written in words.",
        discussion: """
            Scores are the softmax over the labels at the model's own logit scale. With --window, one result per window.
            --none-below answers "none of these" where the two highest cosines differ by less; `bindery evaluate zero-shot
            --calibration` finds the threshold for a wanted accuracy.
            Example: bindery classify runs/esc10 street.ogg --labels "a dog barking,rain falling" --json
            """)

    @OptionGroup var model: ModelOptions
    @Option(name: .customLong("as"), help: ArgumentHelp("What the files are.", valueName: "MODALITY"))
    var modality: String?
    @Argument(help: "The files.")
    var files: [String]
    @Option(help: ArgumentHelp("Labels between commas.", valueName: "a,b,c"))
    var labels: String?
    @Option(help: ArgumentHelp("A file with one label per line.", valueName: "F"))
    var labelsFile: String?
    @Option(help: ArgumentHelp("A sentence with {} for the label; several are averaged.", valueName: "TEXT"))
    var template: [String] = []
    @Option(help: ArgumentHelp("How many labels to show.", valueName: "K"))
    var top: Int?
    @Option(help: ArgumentHelp("Seconds per window.", valueName: "S"))
    var window: Double?
    @Option(
        help: ArgumentHelp("Seconds from one window to the next; the window's length unless given.", valueName: "S"))
    var hop: Double?
    @Option(help: ArgumentHelp("The difference of cosines below which it is none of these.", valueName: "M"))
    var noneBelow: Double?
    @Flag(help: "One JSON object per line.")
    var json = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (labels == nil) != (labelsFile == nil) else {
            throw ValidationError("Give the labels with --labels or with --labels-file.")
        }
        guard !files.isEmpty else { throw ValidationError("Give at least one file.") }
        guard top.map({ $0 > 0 }) ?? true else { throw ValidationError("--top must be at least 1.") }
        guard template.allSatisfy({ $0.contains("{}") }) else {
            throw ValidationError("A template needs {} where the label goes.")
        }
        guard window.map({ $0 > 0 && $0.isFinite }) ?? true, hop.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--window and --hop are seconds above 0.")
        }
        guard hop == nil || window != nil else { throw ValidationError("--hop needs --window.") }
        guard noneBelow.map(\.isFinite) ?? true else { throw ValidationError("--none-below must be a number.") }
        guard labels.map({ !written($0).isEmpty }) ?? true else {
            throw ValidationError("There are no labels; give some as in --labels \"a dog,rain\".")
        }
    }

    func run() throws {
        global.apply()
        let opened = try model.open()
        let modality = try self.modality ?? opened.space.onlyModality(besides: "text")
        let classifier = try Classifier(opened.space, labels: readLabels(), templates: template, of: modality)
        let items = files.map { Item(path: $0) }
        if let window {
            for item in items {
                for result in try classifier.windows(of: item, seconds: window, hop: hop ?? window) {
                    try show(item, result.scores, result.range, classifier)
                }
            }
        } else {
            for (item, scores) in zip(items, try classifier(items)) { try show(item, scores, nil, classifier) }
        }
    }

    private func readLabels() throws -> [String] {
        let found = try labelsFile.map { try TextFile.lines(of: URL(filePath: $0)) } ?? written(labels ?? "")
        var seen: Set<String> = []
        if let twice = found.first(where: { !seen.insert($0).inserted }) {
            throw Refusal("the label \(twice) stands there twice; keep one")
        }
        return found
    }

    private func written(_ labels: String) -> [String] {
        labels.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private func show(
        _ item: Item, _ scores: [Classifier.Score], _ range: Range<Double>?, _ classifier: Classifier
    ) throws {
        let isNone = try noneBelow.map { try classifier.margin(scores) < $0 }
        let scores = scores.prefix(top ?? scores.count)
        if json {
            Output.line(
                try Output.json(
                    Line(
                        path: item.name, start: range?.lowerBound, end: range?.upperBound, none: isNone,
                        scores: Array(scores))))
        } else {
            let time = range.map { String(format: "  %.2f–%.2f s", $0.lowerBound, $0.upperBound) } ?? ""
            Output.line(item.name + time)
            if isNone == true { Output.line("  none of these") }
            for score in scores { Output.line(String(format: "  %6.2f %%  ", score.score * 100) + score.label) }
        }
    }

    private struct Line: Encodable {
        let path: String
        let start: Double?
        let end: Double?
        let none: Bool?
        let scores: [Classifier.Score]
    }
}
