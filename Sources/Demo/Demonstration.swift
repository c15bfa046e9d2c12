public import BinderyBinding
public import BinderyEvaluation
import BinderyLayers
import BinderyTensors
import BinderyTraining
public import Foundation

/// The whole promise on a world that the machine makes itself: pictures learn words, sounds are bound to pictures alone, and
/// words then read sounds that they never met.
public struct Demonstration {
    /// What happens while it runs.
    public enum Event: Sendable {
        /// A part begins, said for people.
        case part(String)
        /// A step of training in the part.
        case step(Int, of: Int, loss: Float)
    }

    /// What it found.
    public struct Findings: Sendable {
        /// Sounds read by words that never met them.
        public let emergent: Classification
        /// The same after binding to pictures drawn at random.
        public let shuffled: Classification
        /// Sounds read by words that were trained with them.
        public let direct: Classification
        /// Pictures read by words.
        public let pictures: Classification
        /// How far the vectors of pictures and words moved while sound was bound to them: 0.
        public let drift: Float
        /// From words to sounds and back.
        public let retrieval: [(name: String, found: Retrieval)]
    }

    private let folder: URL
    private let modalities: [Modality]
    private let report: @Sendable (Event) -> Void

    /// A demonstration that leaves everything it makes in `folder`.
    public init(in folder: URL, modalities: [Modality], report: @escaping @Sendable (Event) -> Void = { _ in }) {
        self.folder = folder
        self.modalities = modalities
        self.report = report
    }

    /// What reads the sounds.
    private static let templates = ["{}", "the digit {}", "the number {}"]

    /// Makes the world, trains four models, measures them and writes `report.html`.
    ///
    /// Throws when the folder cannot be written or is not empty.
    public func run(command: String, seed: UInt64 = 0) throws -> Findings {
        guard (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.isEmpty ?? true else {
            throw DemoError.notEmpty(folder.path)
        }
        report(.part("drawing digits and speaking them"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let world = try DemoWorld(in: folder.appending(path: "world"), seed: seed)
        let anchors = try train("pictures-words", "pictures meet words", DemoRecipe.anchors(world, seed))
        let anchor = folder.appending(path: "pictures-words")
        let bound = try train("bound", "sounds meet pictures alone", DemoRecipe.bound(world, anchor, seed))
        let shuffled = try train(
            "shuffled", "the control: sounds meet any pictures",
            DemoRecipe.bound(world, anchor, seed, shuffled: true))
        let direct = try train("direct", "the ceiling: sounds meet words", DemoRecipe.direct(world, anchor, seed))

        report(.part("measuring on other voices"))
        let sounds = try ZeroShotEvaluation(
            world.folder.appending(path: "sounds-test.csv"), as: "audio", classes: nil, templates: Self.templates)
        let drawn = try ZeroShotEvaluation(
            world.folder.appending(path: "pictures-test.csv"), as: "image", templates: Self.templates)
        let heard = try sounds(bound)
        let prompts = sounds.phrases.map { Item.text("the digit \($0)") }
        let words = try bound.embed(prompts, as: "text")
        let before = try anchors.embed(drawn.items, as: "image")
        let moved = [
            (before, try bound.embed(drawn.items, as: "image")), (try anchors.embed(prompts, as: "text"), words),
        ].map { ($0.0 - $0.1).abs().max().item }
        let classes = sounds.phrases.indices.map { [$0] }
        let labels = sounds.labels.map { [$0] }
        let found = [
            ("text to audio", words, heard.items, Retrieval.Relevance(queries: classes, targets: labels)),
            ("audio to text", heard.items, words, Retrieval.Relevance(queries: labels, targets: classes)),
        ].map { (name: $0.0, found: Retrieval(queries: $0.1, targets: $0.2, relevance: $0.3)) }
        let findings = Findings(
            emergent: heard.ensemble, shuffled: try sounds(shuffled).ensemble, direct: try sounds(direct).ensemble,
            pictures: try drawn(bound).ensemble, drift: moved.max() ?? 0,
            retrieval: found)
        let origin = Report.Origin(
            command: command,
            try [("pictures and words", anchors), ("with sounds", bound), ("shuffled", shuffled), ("direct", direct)]
                .map { ($0.0, try $0.1.fingerprint().description) })
        let page = try DemoReport.page(findings, heard, sounds, losses: losses(), origin: origin)
        try page.write(to: folder.appending(path: "report.html"))
        return findings
    }

    /// Where the page lies.
    public var page: URL { folder.appending(path: "report.html") }

    private func train(_ name: String, _ title: String, _ yaml: String) throws -> JointSpace {
        report(.part(title))
        let path = folder.appending(path: "\(name).yaml")
        try Data(yaml.utf8).write(to: path, options: .atomic)
        let report = report
        let trainer = try Trainer(
            Recipe(contentsOf: path), modalities: modalities, folder: folder.appending(path: name),
            report: { event in
                if case .step(let step, let total, _, let loss, _, _, _) = event {
                    report(.step(step, of: total, loss: loss))
                }
            })
        try trainer.run()
        return trainer.space
    }

    /// The loss at every step of every run, from their logs.
    private func losses() throws -> [(name: String, points: [(x: Double, y: Double)])] {
        struct Line: Decodable {
            let step: Int
            let loss: Double
        }
        return try ["pictures-words", "bound", "shuffled", "direct"].map { name in
            let log = try String(contentsOf: folder.appending(path: "\(name)/log.jsonl"), encoding: .utf8)
            let lines = try log.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            return (name, lines.map { (Double($0.step), $0.loss) })
        }
    }
}

/// Why a demonstration cannot run.
enum DemoError: Error, CustomStringConvertible {
    case notEmpty(String)

    var description: String {
        switch self {
        case .notEmpty(let folder):
            "\(folder) is not empty; delete it if it is an earlier demonstration, or choose another --out"
        }
    }
}
