import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation

/// Everything a run needs to go on exactly where it was: weights and buffers that it may have changed, moments, and how far
/// it has come.
///
/// Randomness is drawn from the seed and the step's number, so no generator needs saving.
struct TrainingState {
    /// How far the run has come.
    struct Position: Codable, Hashable {
        var stage = 0
        var epoch = 0
        /// Steps taken in this stage.
        var step = 0
        /// Lines in the log.
        var lines = 0
    }

    private static let name = "training.safetensors"
    private static let positionKey = "position"
    private static let recipeKey = "recipe"
    private static let updatesKey = "updates"
    private static let untouchedKey = "untouched"

    /// Whether `folder` holds the state of a run.
    static func exists(in folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }

    /// Writes the state as one file that appears whole or not at all.
    static func write(
        _ position: Position, of parameters: Parameters, except untouched: Untouched, _ optimizer: AdamW,
        recipe: String, to folder: URL
    ) throws {
        let moments = optimizer.moments.sorted { $0.key < $1.key }
        let changing = parameters.all.filter { !untouched.names.contains($0.name) }
        let tensors =
            changing.map { ("value.\($0.name)", $0.value) }
            + moments.flatMap { [("first.\($0.key)", $0.value.first), ("second.\($0.key)", $0.value.second)] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = { (value: any Encodable) in String(decoding: try encoder.encode(value), as: UTF8.self) }
        try Checkpoint.write(
            tensors,
            metadata: [
                positionKey: text(position), recipeKey: recipe, updatesKey: text(optimizer.updates),
                untouchedKey: untouched.fingerprint.description,
            ], to: folder.appending(path: name))
    }

    /// Forgets the state of a run that is over; a run without epochs left none.
    static func remove(from folder: URL) throws {
        guard exists(in: folder) else { return }
        try FileManager.default.removeItem(at: folder.appending(path: name))
    }

    /// How far the run had come.
    let position: Position
    private let checkpoint: Checkpoint
    private let updates: [String: Int]
    private let folder: URL

    /// Opens the state in `folder`; throws when it is another recipe's or broken.
    init(in folder: URL, recipe: String) throws {
        checkpoint = try Checkpoint(contentsOf: folder.appending(path: Self.name))
        self.folder = folder
        guard checkpoint.metadata[Self.recipeKey] == recipe else { throw TrainingError.otherRecipe(folder.path) }
        let metadata = checkpoint.metadata
        let read = { (key: String) in Data((metadata[key] ?? "").utf8) }
        let decoder = JSONDecoder()
        guard let position = try? decoder.decode(Position.self, from: read(Self.positionKey)),
            let updates = try? decoder.decode([String: Int].self, from: read(Self.updatesKey))
        else { throw TrainingError.brokenState(folder.path) }
        self.position = position
        self.updates = updates
    }

    /// Gives parameters and buffers their saved values and `optimizer` its moments; throws when what the state leaves out is
    /// not what it was.
    func restore(
        _ parameters: Parameters, except untouched: Untouched, _ optimizer: AdamW
    ) throws -> AdamW {
        guard checkpoint.metadata[Self.untouchedKey] == untouched.fingerprint.description else {
            throw TrainingError.otherWeights(folder.path)
        }
        for parameter in parameters.all where !untouched.names.contains(parameter.name) {
            let value = try checkpoint.tensor("value.\(parameter.name)")
            guard value.shape == parameter.shape else { throw TrainingError.brokenState(folder.path) }
            parameter.value = value
        }
        var optimizer = optimizer
        optimizer.restore(
            try Dictionary(
                uniqueKeysWithValues: updates.map { name, count in
                    (name, (try checkpoint.tensor("first.\(name)"), try checkpoint.tensor("second.\(name)"), count))
                }))
        return optimizer
    }
}
