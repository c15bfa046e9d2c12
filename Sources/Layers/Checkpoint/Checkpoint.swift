public import BinderyTensors

/// The named tensors of a file of weights, read from mapped memory only when asked for.
///
/// Opening one checks every size in the file and reads no numbers. Copying one is a reference bump; tensors that were
/// read keep the file mapped for as long as they live.
public struct Checkpoint: Sendable {
    /// What a file says about one tensor.
    public struct Entry: Sendable, Equatable {
        /// The name in the file.
        public let name: String
        /// The extent of every axis.
        public let shape: [Int]
        /// How the numbers are stored.
        public let dtype: DType
    }

    /// Where the tensors come from.
    public let path: String
    /// Free-form words that the file carries beside the tensors.
    public let metadata: [String: String]
    private let stored: [String: StoredTensor]

    init(path: String, metadata: [String: String] = [:], stored: [String: StoredTensor]) {
        self.path = path
        self.metadata = metadata
        self.stored = stored
    }

    /// The names of all tensors, sorted.
    public var names: [String] { stored.keys.sorted() }

    /// What the file says about the tensor `name`; nil when there is none.
    public subscript(name: String) -> Entry? {
        stored[name].map { Entry(name: name, shape: $0.layout.shape, dtype: $0.dtype) }
    }

    /// What the file says about each of its tensors, by name.
    public var entries: [String: Entry] {
        Dictionary(uniqueKeysWithValues: stored.map { ($0, Entry(name: $0, shape: $1.layout.shape, dtype: $1.dtype)) })
    }

    /// The tensor `name` as 32-bit floats, without copying when the file holds them in order and aligned.
    ///
    /// Throws when there is no such tensor.
    public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
        try find(name).tensor()
    }

    /// The integers or truth values of the tensor `name` in row-major order.
    ///
    /// Throws when there is no such tensor, or when it holds floating-point numbers.
    public func integers(_ name: String) throws(CheckpointError) -> [Int] {
        let found = try find(name)
        guard !found.dtype.isFloatingPoint else {
            throw CheckpointError(path, .notIntegers(tensor: name, type: found.dtype))
        }
        return found.integers()
    }

    func find(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let found = stored[name] else { throw CheckpointError(path, .missing(tensor: name)) }
        return found
    }
}
