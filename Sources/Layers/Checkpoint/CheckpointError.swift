/// What is wrong with a file of weights: the file, and everything that was found in it.
public struct CheckpointError: Error, Equatable, Sendable {
    /// The file's path.
    public let path: String
    /// What was found, in the order of discovery; never empty.
    public let problems: [Problem]

    /// An error about `path`.
    public init(_ path: String, _ problems: [Problem]) {
        self.path = path
        self.problems = problems
    }

    /// An error with one problem.
    public init(_ path: String, _ problem: Problem) { self.init(path, [problem]) }

    /// One thing that is wrong with a file of weights.
    public enum Problem: Equatable, Sendable {
        // The file as a whole.
        case absent
        case directory
        case unreadable(String)
        case unwritable(String)
        case empty
        case unknownFormat
        case largeFilePointer
        case truncated(expected: Int, found: Int)
        // The safetensors header.
        case headerTooLong(bytes: UInt64, limit: Int)
        case header(expected: String, at: Int)
        case unknownType(tensor: String, type: String)
        case wrongLength(tensor: String, shape: [Int], type: Checkpoint.DType, bytes: Int)
        case outOfRange(tensor: String, begin: Int, end: Int, available: Int)
        case overlap(tensor: String, with: String)
        case hole(begin: Int, end: Int)
        // Every kind of file.
        case duplicate(tensor: String)
        case tooLarge(tensor: String, shape: [Int])
        case notIntegers(tensor: String, type: Checkpoint.DType)
        // The shard index.
        case index(String)
        case shard(String)
        // Torch files.
        case archive(String)
        case pickle(String, at: Int)
        case foreign(global: String)
        case storage(tensor: String, reason: String)
        case noWeights
        // Word vectors.
        case line(Int, reason: String)
        // The names a model wants.
        case missing(tensor: String)
        case surplus(tensor: String)
        case misshaped(tensor: String, expected: [Int], found: [Int])
    }
}
