import Foundation

extension PairBatch {
    /// Rows that belong together, as the number of a group for each: those with an equal value in any of `keys`, and those that
    /// are linked through others.
    ///
    /// Each key has a value for every row; traps unless they are as many.
    public static func groups(_ keys: [[Int]], count: Int) -> [Int] {
        precondition(keys.allSatisfy { $0.count == count }, "groups: one value per row")
        var parents = Array(0..<count)
        func root(_ row: Int) -> Int {
            var row = row
            while parents[row] != row {
                parents[row] = parents[parents[row]]
                row = parents[row]
            }
            return row
        }
        for key in keys {
            var first: [Int: Int] = [:]
            for (row, value) in key.enumerated() {
                guard let other = first[value] else {
                    first[value] = row
                    continue
                }
                let (a, b) = (root(other), root(row))
                parents[max(a, b)] = min(a, b)
            }
        }
        return (0..<count).map(root)
    }

    /// What a cross-entropy over a batch cannot fall below where rows of equal `values` are as right as each other, or cannot be told
    /// apart: the mean over rows of the logarithm of how many have its value.
    public static func entropyFloor(_ values: [Int]) -> Double {
        let sizes = values.reduce(into: [:]) { $0[$1, default: 0] += 1 }.values.sorted()
        return sizes.reduce(0) { $0 + Double($1) * log(Double($1)) } / Double(max(values.count, 1))
    }
}
