import Bindery

extension Tensor {
    /// The rows of a matrix.
    var rows: [[Float]] {
        let values = values
        return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }
}
