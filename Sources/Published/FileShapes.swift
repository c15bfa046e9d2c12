import BinderyLayers

/// The shapes of a file's tensors by name, for published files that come without a configuration.
///
/// Tensors with an extent that no model has are left out, so that sizes can be multiplied.
struct FileShapes: Sendable {
    private let shapes: [String: [Int]]

    /// The names that begin with `path`, without it; a prefix of `prefixes` before that is passed over.
    init(_ checkpoint: Checkpoint, below path: String = "", prefixes: [String] = []) {
        shapes = Dictionary(
            checkpoint.entries.compactMap { name, entry in
                let bare = prefixes.reduce(name) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
                let isSensible = entry.shape.allSatisfy { $0 <= 1 << 24 }
                return bare.hasPrefix(path) && isSensible ? (String(bare.dropFirst(path.count)), entry.shape) : nil
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The shapes below a further path.
    func below(_ path: String) -> FileShapes {
        FileShapes(
            shapes: Dictionary(
                uniqueKeysWithValues: shapes.filter { $0.key.hasPrefix(path) }
                    .map { (String($0.key.dropFirst(path.count)), $0.value) }))
    }

    private init(shapes: [String: [Int]]) { self.shapes = shapes }

    /// Whether there are no tensors.
    var isEmpty: Bool { shapes.isEmpty }

    /// The shape of a tensor; nil where there is none.
    subscript(name: String) -> [Int]? { shapes[name] }

    /// The extent of an axis; nil where there is no such tensor or axis.
    subscript(name: String, axis: Int) -> Int? {
        shapes[name].flatMap { $0.indices.contains(axis) ? $0[axis] : nil }
    }

    /// How many consecutive numbers from 0, at most `most`, give the name of a tensor.
    func count(most: Int = 1024, _ name: (Int) -> String) -> Int {
        (0..<most).first { shapes[name($0)] == nil } ?? most
    }
}
