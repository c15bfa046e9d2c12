import BinderyLayers
import BinderyTensors
import Foundation

/// Prepared clips that memory has no room for, kept in files below a folder, so that later epochs need not decode again.
///
/// A file loses its name as soon as it is mapped: its room is free again when its last clip is forgotten, however the
/// process ends.
struct ClipSpill: Sendable {
    let folder: URL
    /// What is left of the disk for others, in bytes.
    private static let spared = 1 << 30

    /// The same clips, mapped; nil when they are no tensors or the disk has no room for them.
    func moved<Clip>(_ clips: [[Clip]]) -> [[Clip]]? {
        guard !clips.isEmpty, let tensors = clips as? [[Tensor]],
            hasRoom(for: tensors.joined().reduce(0) { $0 + 4 * $1.count })
        else { return nil }
        let url = folder.appending(path: "clips-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        let names = tensors.enumerated().map { item, clips in clips.indices.map { "\(item).\($0)" } }
        return try? {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Checkpoint.write(Array(zip(names.joined(), tensors.joined())), to: url)
            let file = try Checkpoint(contentsOf: url)
            return try names.map { try $0.map(file.tensor) } as? [[Clip]]
        }()
    }

    private func hasRoom(for bytes: Int) -> Bool {
        let disk = try? FileManager.default.attributesOfFileSystem(forPath: folder.deletingLastPathComponent().path)
        return (disk?[.systemFreeSize] as? Int ?? .max) > bytes + Self.spared
    }
}
