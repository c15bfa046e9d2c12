public import BinderyTensors
import Foundation

/// How much a linear layer on frozen vectors can tell.
///
/// A logistic regression whose penalty was chosen on validation items (Radford and others 2021, appendix A.3).
public struct LinearProbe: Sendable {
    /// The fitted regression.
    public let regression: LogisticRegression
    /// Every C that was tried with its accuracy on the validation items, by rising C; empty when C was given.
    public let sweep: [(c: Double, accuracy: Double)]

    /// Fits with a given C.
    public init(features: Tensor, labels: [Int], classes: Int, c: Double = 1) {
        regression = LogisticRegression(features: features, labels: labels, classes: classes, c: c)
        sweep = []
    }

    /// Chooses C on the validation items, then fits training and validation items together with it.
    ///
    /// C is sought from 1e-6 to 1e6: every second power of ten first, then ever closer around the best so far, until
    /// eight values stand in a decade. Of equally good values the smallest wins. Traps on mismatched counts.
    public init(
        features: Tensor, labels: [Int], validation: Tensor, validationLabels: [Int], classes: Int
    ) {
        let standardised = Standardised(features)
        var tried: [Int: Double] = [:]
        // Exponents in eighths of a decade.
        let limit = 48
        var earlier: [Double]?
        func accuracy(_ eighths: Int) -> Double {
            if let known = tried[eighths] { return known }
            let fit = LogisticRegression(
                standardised, labels: labels, classes: classes, c: pow(10, Double(eighths) / 8), from: earlier)
            earlier = fit.parameters
            let found = fit.classification(validation, labels: validationLabels).accuracy()
            tried[eighths] = found
            return found
        }
        func best() -> Int {
            tried.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first?.key ?? 0
        }
        for eighths in stride(from: -limit, through: limit, by: 16) { _ = accuracy(eighths) }
        for step in [8, 4, 2, 1] {
            let center = best()
            for eighths in [center - step, center + step] where abs(eighths) <= limit { _ = accuracy(eighths) }
        }
        sweep = tried.sorted { $0.key < $1.key }.map { (pow(10, Double($0.key) / 8), $0.value) }
        regression = LogisticRegression(
            features: Tensor.concatenated([features, validation], axis: 0), labels: labels + validationLabels,
            classes: classes, c: pow(10, Double(best()) / 8))
    }

    /// How well it names the class of each item of `features` [items, width].
    public func classification(_ features: Tensor, labels: [Int]) -> Classification {
        regression.classification(features, labels: labels)
    }
}
