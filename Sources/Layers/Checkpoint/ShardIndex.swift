internal import Foundation

/// The list of a model that is cut into several files: `{"weight_map": {"name": "model-00001-of-00002.safetensors"}}`.
struct ShardIndex: Decodable {
    let files: [String: String]

    private enum CodingKeys: String, CodingKey { case files = "weight_map" }

    /// The longest index that is read.
    private static let longest = 1 << 26

    /// Opens every shard beside the index and takes from each the tensors that the index says it has.
    static func read(_ file: MappedFile, beside url: URL) throws(CheckpointError) -> Checkpoint {
        guard file.bytes.count <= longest else { throw CheckpointError(file.path, .index("is too long")) }
        let index: ShardIndex
        do {
            index = try JSONDecoder().decode(ShardIndex.self, from: Data(file.bytes))
        } catch {
            throw CheckpointError(file.path, .index("has no \"weight_map\" of names and files"))
        }
        var problems: [CheckpointError.Problem] = []
        var stored: [String: StoredTensor] = [:]
        var metadata: [String: String] = [:]
        for (shard, names) in Dictionary(grouping: index.files.keys, by: { index.files[$0] ?? "" }).sorted(by: {
            $0.key < $1.key
        }) {
            guard isPlain(shard) else {
                problems.append(.index("names the file '\(shard)' outside of its folder"))
                continue
            }
            do throws(CheckpointError) {
                let part = try Checkpoint(shard: url.deletingLastPathComponent().appending(path: shard))
                metadata.merge(part.metadata) { first, _ in first }
                for name in names.sorted() {
                    if part[name] == nil {
                        problems.append(.shard("\(shard) does not hold '\(name)'"))
                    } else {
                        stored[name] = try part.find(name)
                    }
                }
            } catch {
                problems.append(.shard(error.clause))
            }
        }
        guard problems.isEmpty else { throw CheckpointError(file.path, problems) }
        guard !stored.isEmpty else { throw CheckpointError(file.path, .noWeights) }
        return Checkpoint(path: file.path, metadata: metadata, stored: stored)
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.contains("/") && !name.contains("\\") && !name.contains("\0") && name != "."
            && name != ".."
    }
}
