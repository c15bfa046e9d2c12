public import BinderyTensors
import Foundation

/// Naming items by their nearest examples.
///
/// Each of the k nearest votes for its class with exp(cosine / temperature) (Wu and others 2018, section 3.4; k and
/// temperature of Caron and others 2021).
public struct NearestNeighbours: Sendable {
    private let examples: Tensor
    private let labels: [Int]
    private let classes: Int

    /// Unit rows `examples` [N, width] and the class of each; traps unless there is one label per row.
    public init(examples: Tensor, labels: [Int], classes: Int) {
        precondition(
            examples.rank == 2 && examples.shape[0] == labels.count && labels.allSatisfy((0..<classes).contains),
            "NearestNeighbours: examples \(examples.shape) with \(labels.count) labels in 0 ..< \(classes)")
        self.examples = examples
        self.labels = labels
        self.classes = classes
    }

    /// The votes for every class, [items, classes], of unit rows `items` [items, width].
    public func scores(_ items: Tensor, k: Int = 20, temperature: Float = 0.07) -> Tensor {
        precondition(k > 0 && temperature > 0, "NearestNeighbours: k \(k), temperature \(temperature)")
        let count = items.shape[0]
        let block = max(1, min(256, (1 << 24) / max(labels.count, 1)))
        var votes = [Float](repeating: 0, count: count * classes)
        for begin in stride(from: 0, to: count, by: block) {
            let rows = begin..<min(begin + block, count)
            items.slice(axis: 0, rows).matmul(transposed: examples).read { cosines in
                for item in rows {
                    let start = (item - begin) * labels.count
                    let row = UnsafeBufferPointer(rebasing: cosines[start..<start + labels.count])
                    for example in row.top(k) {
                        votes[item * classes + labels[example]] += Float(exp(Double(row[example] / temperature)))
                    }
                }
            }
        }
        return Tensor(votes, [count, classes])
    }
}
