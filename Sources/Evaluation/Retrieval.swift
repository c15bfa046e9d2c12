public import BinderyTensors

/// Finding, for every query, the targets that belong to it among all targets.
public struct Retrieval: Sendable {
    /// Which targets belong to which queries: those that share a group.
    public struct Relevance: Sendable {
        private let groupsOfQuery: [[Int]]
        private let targetsOfGroup: [Int: [Int]]
        /// Whether the queries are the targets, so that none is an answer to itself.
        public private(set) var excludesSelf = false
        /// How many targets there are.
        public let targets: Int

        /// The groups that each query and each target is in, by number.
        public init(queries: [[Int]], targets: [[Int]]) {
            groupsOfQuery = queries
            self.targets = targets.count
            var members: [Int: [Int]] = [:]
            for (target, groups) in targets.enumerated() {
                for group in Set(groups) { members[group, default: []].append(target) }
            }
            targetsOfGroup = members
        }

        /// How many queries there are.
        public var queries: Int { groupsOfQuery.count }

        /// The same items asking for each other: none is an answer to itself.
        public init(among items: [[Int]]) {
            self.init(queries: items, targets: items)
            excludesSelf = true
        }

        /// The targets that belong to a query, in order.
        public func targets(of query: Int) -> [Int] {
            let groups = groupsOfQuery[query]
            let all =
                groups.count == 1
                ? targetsOfGroup[groups[0]] ?? [] : Set(groups.flatMap { targetsOfGroup[$0] ?? [] }).sorted()
            return excludesSelf ? all.filter { $0 != query } : all
        }
    }

    /// The place of each query's best target, counted from 1; one behind the last when nothing belongs to it.
    public let ranks: [Int]
    /// The average precision of each query among its first ten.
    ///
    /// The precisions at the targets that are there, summed and divided by how many could be (Manning and others 2008,
    /// section 8.4).
    public let precisions: [Double]
    private let targets: Int
    /// For each k, the share of queries that would have a target among k drawn blindly.
    private let blind: @Sendable (Int) -> Double
    /// The mean average precision of blind drawing.
    public let chancePrecision: Double

    /// How many of the first places `precisions` looks at.
    public static let depth = 10

    /// Ranks all targets for every query by the cosines of unit rows `queries` [Q, width] and `targets` [T, width].
    ///
    /// Of equal cosines the earlier target comes first. Traps unless shapes and counts fit each other.
    public init(queries: Tensor, targets: Tensor, relevance: Relevance) {
        precondition(
            queries.rank == 2 && targets.rank == 2 && queries.shape[1] == targets.shape[1]
                && queries.shape[0] == relevance.queries && targets.shape[0] == relevance.targets,
            "Retrieval: queries \(queries.shape), targets \(targets.shape) for \(relevance.queries) and \(relevance.targets)"
        )
        var ranks: [Int] = []
        var precisions: [Double] = []
        // Few enough rows that the matrix of cosines stays small however many targets there are.
        let block = max(1, min(256, (1 << 24) / max(relevance.targets, 1)))
        for begin in stride(from: 0, to: relevance.queries, by: block) {
            let rows = begin..<min(begin + block, relevance.queries)
            var cosines = queries.slice(axis: 0, rows).matmul(transposed: targets).values
            if relevance.excludesSelf {
                for query in rows { cosines[(query - begin) * relevance.targets + query] = -.infinity }
            }
            cosines.withUnsafeBufferPointer { cosines in
                for query in rows {
                    let start = (query - begin) * relevance.targets
                    let row = UnsafeBufferPointer(rebasing: cosines[start..<start + relevance.targets])
                    let right = relevance.targets(of: query)
                    ranks.append(Self.rank(row, right))
                    precisions.append(Self.precision(row, right))
                }
            }
        }
        self.ranks = ranks
        self.targets = relevance.targets
        self.precisions = precisions
        let all = relevance.targets - (relevance.excludesSelf ? 1 : 0)
        blind = { k in
            (0..<relevance.queries).map { query in
                Self.chance(right: relevance.targets(of: query).count, of: all, in: k)
            }.mean
        }
        chancePrecision =
            (0..<relevance.queries).map { Self.chance(right: relevance.targets(of: $0).count, of: all) }.mean
    }

    private static func rank(_ row: UnsafeBufferPointer<Float>, _ right: [Int]) -> Int {
        guard let first = right.first else { return row.count + 1 }
        let best = right.reduce(first) { row[$1] > row[$0] ? $1 : $0 }
        return row.rank(of: best) + 1
    }

    private static func precision(_ row: UnsafeBufferPointer<Float>, _ right: [Int]) -> Double {
        guard !right.isEmpty else { return 0 }
        let right = Set(right)
        var (hits, sum) = (0, 0.0)
        for (place, target) in row.top(depth).enumerated() where right.contains(target) {
            hits += 1
            sum += Double(hits) / Double(place + 1)
        }
        return sum / Double(min(right.count, depth))
    }

    /// One minus the chance that none of `right` among `all` is drawn in `k`.
    private static func chance(right: Int, of all: Int, in k: Int) -> Double {
        var none = 1.0
        for draw in 0..<min(k, all) { none *= Double(max(all - right - draw, 0)) / Double(all - draw) }
        return 1 - none
    }

    /// The average precision among the first ten that blind drawing gives on average.
    ///
    /// Place i is right with the chance right/all, and of the i − 1 places before it (right − 1)/(all − 1) are then.
    private static func chance(right: Int, of all: Int) -> Double {
        guard right > 0, all > 0 else { return 0 }
        let before = all > 1 ? Double(right - 1) / Double(all - 1) : 0
        let sum = (1...min(depth, all)).reduce(0.0) { $0 + (1 + Double($1 - 1) * before) / Double($1) }
        return Double(right) / Double(all) * sum / Double(min(right, depth))
    }

    /// 1 for every query that has a target among its first `k`, 0 for the others.
    public func hits(_ k: Int) -> [Double] { ranks.map { $0 <= min(k, targets) ? 1 : 0 } }

    /// How many queries have a target at all.
    public var answerable: Int { ranks.count { $0 <= targets } }

    /// The share of queries that have a target among their first `k`.
    public func recall(_ k: Int) -> Double { hits(k).mean }

    /// The share of queries that would have a target among `k` drawn blindly.
    public func chance(_ k: Int) -> Double { blind(k) }

    /// The mean of `precisions`.
    public var meanAveragePrecision: Double { precisions.mean }

    /// The median of `ranks`.
    public var medianRank: Double { ranks.map(Double.init).median }

    /// `mAP@10`, `R@1`, `R@5` and `R@10` with their intervals, what blind drawing finds as `R@1_chance`, and
    /// `median_rank`, each behind `name_`, for example `audio_to_text_R@1`.
    public func metrics(_ name: String, _ bootstrap: Bootstrap = Bootstrap()) -> Metrics {
        var metrics: Metrics = [:]
        for k in [1, 5, 10] {
            metrics.add("\(name)_R@\(k)", meanOf: hits(k), bootstrap)
            metrics["\(name)_R@\(k)_chance"] = .number(chance(k))
        }
        metrics.add("\(name)_mAP@\(Self.depth)", meanOf: precisions, bootstrap)
        metrics["\(name)_mAP@\(Self.depth)_chance"] = .number(chancePrecision)
        metrics["\(name)_median_rank"] = .number(medianRank)
        return metrics
    }
}
