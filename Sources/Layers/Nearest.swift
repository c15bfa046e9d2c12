extension String {
    /// The candidate that is the fewest edits away, nil when none is near enough to be what was meant.
    package func nearest(in candidates: [String]) -> String? {
        let best = candidates.map { (edits(to: $0), $0) }.min { ($0.0, $0.1) < ($1.0, $1.1) }
        guard let best, best.0 <= Swift.max(2, count / 3) else { return nil }
        return best.1
    }

    /// The Levenshtein distance over characters; long strings are compared by their first 64.
    package func edits(to other: String) -> Int {
        let a = Array(prefix(64))
        let b = Array(other.prefix(64))
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
