import Foundation

/// The record of a run: one JSON object per line and step.
///
/// Holds nothing that depends on the clock, so that equal runs leave equal logs.
struct TrainingLog {
    /// What one step left.
    struct Line: Codable {
        let stage: String?
        let epoch: Int
        let step: Int
        let loss: Float
        /// What the loss cannot fall below because rows of the batch belong together; nil for losses without such a floor.
        let floor: Double?
        let rate: Double
        /// The logit scale of every pair that has one, by its name.
        let scale: [String: Float]
        /// The norm of all gradients together, before clipping.
        let norm: Double
    }

    private let handle: FileHandle
    private let encoder: JSONEncoder

    /// Continues the log at `url` after its first `lines` lines, dropping what a broken run wrote behind them.
    init(at url: URL, after lines: Int) throws {
        let kept = (try? String(contentsOf: url, encoding: .utf8))?.split(separator: "\n").prefix(lines) ?? []
        try Data(kept.map { $0 + "\n" }.joined().utf8).write(to: url, options: .atomic)
        handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
        encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
    }

    func write(_ line: Line) throws {
        try handle.write(contentsOf: encoder.encode(line) + Data("\n".utf8))
    }
}
