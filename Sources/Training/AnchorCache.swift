import BinderyLayers
import BinderyTensors
public import Foundation

/// Vectors of frozen encoders on disk, so that a later run, or a later stage, does not compute them again.
///
/// A file holds the vectors of one batch and is named by the hash of everything that they were made from: the encoder, its
/// weights and files, this build of the program, and what every item of the batch contains. Batches are the unit because
/// vectors depend on their company in the last bit: what is read is exactly what would have been computed.
public struct AnchorCache: Sendable {
    /// Where the files lie.
    public let folder: URL
    /// The most bytes that they may have together; those that were not read for longest go first.
    public let limit: Int

    private static let tensor = "vectors"
    private static let hashKey = "hash"

    /// A cache in `folder`, which is made when the first file is.
    public init(folder: URL, limit: Int = 1 << 30) {
        self.folder = folder
        self.limit = limit
    }

    /// What is kept under `key`, when it has `rows` rows and is whole.
    func vectors(_ key: Fingerprint, rows: Int, width: Int) -> Tensor? {
        let url = file(key)
        guard FileManager.default.fileExists(atPath: url.path), let checkpoint = try? Checkpoint(contentsOf: url),
            let vectors = try? checkpoint.tensor(Self.tensor), vectors.shape == [rows, width],
            checkpoint.metadata[Self.hashKey] == Self.hash(of: vectors)
        else { return nil }
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
        return vectors
    }

    /// Keeps `vectors` under `key`; a disk that is full or cannot be written to is no error, only no help.
    func keep(_ vectors: Tensor, as key: Fingerprint) {
        guard vectors.count * 4 <= limit else { return }
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Checkpoint.write([(Self.tensor, vectors)], metadata: [Self.hashKey: Self.hash(of: vectors)], to: file(key))
    }

    /// Removes files until the rest is within the limit.
    func trim() {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey, .isRegularFileKey]
        let files = FileManager.default
        let found = try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys))
        var kept = (found ?? []).filter { $0.pathExtension == "safetensors" }.compactMap { url in
            (try? url.resourceValues(forKeys: keys)).map { values in
                (url: url, size: values.fileSize ?? 0, date: values.contentModificationDate ?? .distantPast)
            }
        }.sorted { ($0.date, $0.url.path) > ($1.date, $1.url.path) }
        var total = kept.reduce(0) { $0 + $1.size }
        while total > limit, let oldest = kept.popLast() {
            try? files.removeItem(at: oldest.url)
            total -= oldest.size
        }
    }

    private func file(_ key: Fingerprint) -> URL { folder.appending(path: "\(key).safetensors") }

    private static func hash(of vectors: Tensor) -> String {
        var hash = Fingerprint.Hash()
        vectors.read { hash.add(UnsafeRawBufferPointer($0)) }
        return "\(hash.finish())"
    }
}
