public import BinderyTensors

/// A table of learned rows, looked up by number.
public struct Embedding: Sendable {
    /// [rows, width].
    public let weight: Parameter

    /// Parameter `weight` below `scope`.
    public init(_ scope: Scope, rows: Int, width: Int, start: Start = .normal(0.02)) {
        weight = scope("weight", rows, width, start: start)
    }

    /// The rows with the given numbers, [indices, width]; traps on a number outside the table.
    public func callAsFunction(_ indices: [Int]) -> Tensor { weight().gather(rows: indices) }
}
