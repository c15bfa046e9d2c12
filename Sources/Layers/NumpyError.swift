/// What is wrong with an array file.
public struct NumpyError: Error, Equatable, CustomStringConvertible {
    /// The file's path.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    package init(_ path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// What can be wrong with an array file.
    public enum Problem: Error, Equatable {
        /// The file cannot be opened or written.
        case file([CheckpointError.Problem])
        case notNumpy
        case version(Int)
        case header(String)
        case type(String)
        case shape([Int])
        case length(expected: Int, found: Int)
        case notIntegers(Checkpoint.DType)
        case row(Int, of: Int)
        case notMatrix([Int])
    }

    /// One sentence and the next step.
    public var description: String {
        switch problem {
        case .file(let problems): CheckpointError(path, problems).description
        case .notNumpy: "\(path) is not a .npy file; write it with numpy.save"
        case .version(let version): "\(path) has the .npy format version \(version), known are 1 to 3; save it again"
        case .header(let reason): "\(path) has a damaged .npy header (\(reason)); save it again"
        case .type(let type):
            "\(path) holds numbers of the type \(type), which is not read; save it as little-endian float32"
        case .shape(let shape): "\(path) claims the impossible shape \(shape); save it again"
        case .length(let expected, let found):
            "\(path) has \(found) bytes of numbers where its shape needs \(expected); save or copy it again"
        case .notIntegers(let type): "\(path) holds \(type.rawValue) numbers where integers are needed"
        case .notMatrix(let shape):
            "\(path) holds an array of shape \(shape) where a matrix with one row per vector is needed"
        case .row(let row, let rows):
            "\(path) has no row \(row), its \(rows) rows are counted from 0; correct the manifest"
        }
    }
}
