public import BinderyTensors
import Foundation

/// Multinomial logistic regression: minimises ½‖W‖² + C · Σ cross-entropy; the biases are not penalised.
///
/// Features are standardised first by their mean and deviation over the training items.
public struct LogisticRegression: Sendable {
    /// The inverse strength of the penalty.
    public let c: Double
    /// How many classes there are.
    public let classes: Int
    private let mean: Tensor
    private let scale: Tensor
    /// One row per class that had examples, [present, width].
    private let weights: Tensor
    private let biases: [Float]
    private let present: [Int]

    /// Fits `features` [items, width] to the class of each item.
    ///
    /// Classes without items are never predicted. Traps unless there is one label per item, and at least one item.
    public init(features: Tensor, labels: [Int], classes: Int, c: Double = 1) {
        let standardised = Standardised(features)
        self.init(standardised, labels: labels, classes: classes, c: c, from: nil)
    }

    /// Fits standardised features, from the weights of an earlier fit where there is one.
    init(_ features: Standardised, labels: [Int], classes: Int, c: Double, from earlier: [Double]?) {
        precondition(
            features.items == labels.count && !labels.isEmpty && labels.allSatisfy((0..<classes).contains) && c > 0,
            "LogisticRegression: \(features.items) items, \(labels.count) labels in 0 ..< \(classes), C \(c)")
        self.c = c
        self.classes = classes
        (mean, scale) = (features.mean, features.scale)
        let present = Set(labels).sorted()
        let rows = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
        let problem = SoftmaxProblem(
            features: features, labels: labels.compactMap { rows[$0] }, classes: present.count,
            penalty: 1 / (c * Double(labels.count)))
        let start = earlier ?? [Double](repeating: 0, count: problem.parameters)
        let solution = LBFGS().minimize(from: start) { problem.value($0, &$1) }
        let width = features.width
        weights = Tensor(solution[..<(present.count * width)].map(Float.init), [present.count, width])
        biases = solution[(present.count * width)...].map(Float.init)
        self.present = present
        parameters = solution
    }

    /// Weights, then biases, for the next fit to start from.
    let parameters: [Double]

    /// What is highest for the predicted class, [items, classes], of features [items, width].
    public func scores(_ features: Tensor) -> Tensor {
        let logits = ((features - mean) * scale).matmul(transposed: weights)
        let count = features.shape[0]
        return logits.read { logits in
            Tensor(shape: [count, classes]) { scores in
                scores.initialize(repeating: -.infinity)
                for item in 0..<count {
                    for (row, label) in present.enumerated() {
                        scores[item * classes + label] = logits[item * present.count + row] + biases[row]
                    }
                }
            }
        }
    }

    /// How well it names the class of each item.
    public func classification(_ features: Tensor, labels: [Int]) -> Classification {
        Classification(scores: scores(features), labels: labels)
    }
}

/// Features with mean 0 and deviation 1 in every column; constant columns are left at 0.
struct Standardised {
    let mean: Tensor
    let scale: Tensor
    let rows: Tensor
    /// The same, transposed once: its product with the residuals is the gradient.
    let columns: Tensor

    var items: Int { rows.shape[0] }
    var width: Int { rows.shape[1] }

    init(_ features: Tensor) {
        precondition(features.rank == 2, "Standardised: features \(features.shape), expected [items, width]")
        let (items, width) = (features.shape[0], features.shape[1])
        var (means, scales) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        features.read { values in
            for item in 0..<items {
                for column in 0..<width { means[column] += Double(values[item * width + column]) }
            }
            for column in 0..<width { means[column] /= Double(max(items, 1)) }
            for item in 0..<items {
                for column in 0..<width {
                    let difference = Double(values[item * width + column]) - means[column]
                    scales[column] += difference * difference
                }
            }
        }
        for column in 0..<width {
            let deviation = (scales[column] / Double(max(items, 1))).squareRoot()
            // Below this a column is constant but for rounding.
            scales[column] = deviation > 1e-7 * max(abs(means[column]), 1e-30) ? 1 / deviation : 1
        }
        mean = Tensor(means.map(Float.init), [width])
        scale = Tensor(scales.map(Float.init), [width])
        rows = (features - mean) * scale
        columns = rows.transposed()
    }
}

/// The mean cross-entropy of softmax(X Wᵀ + b) plus penalty/2 · ‖W‖², and its gradient.
private struct SoftmaxProblem {
    let features: Standardised
    let labels: [Int]
    let classes: Int
    let penalty: Double

    var parameters: Int { classes * (features.width + 1) }

    // ∂/∂W = (softmax − onehot)ᵀ X / n + penalty · W;  ∂/∂b = Σ (softmax − onehot) / n
    func value(_ x: [Double], _ gradient: inout [Double]) -> Double {
        let (items, width) = (features.items, features.width)
        let split = classes * width
        let weights = Tensor(x[..<split].map(Float.init), [classes, width])
        let logits = features.rows.matmul(transposed: weights)
        var loss = 0.0
        for index in split..<x.count { gradient[index] = 0 }
        let residuals = Tensor(shape: [items, classes]) { residuals in
            logits.read { logits in
                for item in 0..<items {
                    let start = item * classes
                    var highest = -Double.infinity
                    for row in 0..<classes { highest = max(highest, Double(logits[start + row]) + x[split + row]) }
                    var sum = 0.0
                    for row in 0..<classes {
                        let power = exp(Double(logits[start + row]) + x[split + row] - highest)
                        residuals[start + row] = Float(power)
                        sum += power
                    }
                    let label = labels[item]
                    loss += highest + log(sum) - Double(logits[start + label]) - x[split + label]
                    for row in 0..<classes {
                        let residual = Double(residuals[start + row]) / sum - (row == label ? 1 : 0)
                        gradient[split + row] += residual / Double(items)
                        residuals[start + row] = Float(residual)
                    }
                }
            }
        }
        features.columns.matmul(residuals).read { product in
            for row in 0..<classes {
                for column in 0..<width {
                    let index = row * width + column
                    gradient[index] = Double(product[column * classes + row]) / Double(items) + penalty * x[index]
                }
            }
        }
        let square = x[..<split].reduce(0) { $0 + $1 * $1 }
        return loss / Double(items) + penalty / 2 * square
    }
}
