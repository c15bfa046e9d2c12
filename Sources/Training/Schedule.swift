import Foundation

/// What multiplies the learning rate at each step.
public struct Schedule: Sendable {
    /// The shape after the warm-up.
    public enum Shape: String, Codable, CaseIterable, Sendable {
        /// Half a cosine from 1 to 0 (Loshchilov and Hutter 2017).
        case cosine
        /// 1 throughout.
        case constant
    }

    let shape: Shape
    let warmup: Int
    let total: Int

    /// A schedule over `total` steps, the first `warmup` of which rise from 1/warmup to 1.
    public init(_ shape: Shape, warmup: Int = 0, total: Int) {
        self.shape = shape
        self.warmup = warmup
        self.total = total
    }

    /// The factor at a step, counted from 0.
    public func callAsFunction(_ step: Int) -> Double {
        guard step >= warmup else { return Double(step + 1) / Double(warmup) }
        switch shape {
        case .constant: return 1
        case .cosine:
            let share = Double(step - warmup) / Double(max(total - warmup, 1))
            return 0.5 * (1 + cos(.pi * min(share, 1)))
        }
    }
}
