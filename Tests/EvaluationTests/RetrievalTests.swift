import BinderyEvaluation
import BinderyTensors
import Testing

@Suite struct RetrievalTests {
    /// The definition, by sorting: best place, and precision at hits among ten over what could be there.
    private func naive(_ queries: Tensor, _ targets: Tensor, _ isRight: (Int, Int) -> Bool) -> [(rank: Int, ap: Double)]
    {
        let (queries, targets) = (rows(queries), rows(targets))
        return queries.indices.map { query in
            let cosines = targets.map { dot(queries[query], $0) }
            let order = targets.indices.sorted { (cosines[$1], $0) < (cosines[$0], $1) }
            let right = order.map { isRight(query, $0) }
            var (hits, sum) = (0, 0.0)
            for place in 0..<min(10, right.count) where right[place] {
                hits += 1
                sum += Double(hits) / Double(place + 1)
            }
            let possible = min(10, right.count { $0 })
            return ((right.firstIndex(of: true) ?? right.count) + 1, possible == 0 ? 0 : sum / Double(possible))
        }
    }

    @Test(arguments: [(1, 1, 1), (20, 30, 4), (30, 20, 12), (300, 40, 2)])
    func agreesWithSorting(_ queryCount: Int, _ targetCount: Int, _ groups: Int) {
        var numbers = Numbers(7)
        let queries = numbers.tensor(queryCount, 5).l2Normalized()
        let targets = numbers.tensor(targetCount, 5).l2Normalized()
        let (of, to) = (numbers.labels(queryCount, below: groups), numbers.labels(targetCount, below: groups))
        let found = Retrieval(
            queries: queries, targets: targets,
            relevance: .init(queries: of.map { [$0] }, targets: to.map { [$0] }))
        let expected = naive(queries, targets) { of[$0] == to[$1] }
        #expect(found.ranks == expected.map(\.rank))
        for (own, right) in zip(found.precisions, expected) { #expect(abs(own - right.ap) < 1e-12) }
        for k in [1, 5, 10] {
            let hits = expected.count { $0.rank <= min(k, targetCount) }
            #expect(abs(found.recall(k) - Double(hits) / Double(queryCount)) < 1e-12)
        }
    }

    @Test func severalGroupsShareTargets() {
        let relevance = Retrieval.Relevance(queries: [[0, 1], [2], []], targets: [[1], [0, 1], [3], [0]])
        #expect((0..<3).map(relevance.targets(of:)) == [[0, 1, 3], [], []])
    }

    @Test func queriesWithoutTargetsCountAsMissed() {
        let unit = Tensor([1, 0, 0, 1], [2, 2])
        let found = Retrieval(
            queries: unit, targets: unit, relevance: .init(queries: [[0], [9]], targets: [[0], [1]]))
        #expect(found.ranks == [1, 3])
        #expect(found.precisions == [1, 0])
        // Also where all targets are among the first ten.
        #expect(found.recall(10) == 0.5)
        #expect(found.answerable == 1)
    }

    @Test func ofEqualsTheEarlierComesFirst() {
        let same = Tensor.full([4, 1], 1)
        let found = Retrieval(
            queries: same, targets: same, relevance: .init(queries: (0..<4).map { [$0] }, targets: (0..<4).map { [$0] })
        )
        #expect(found.ranks == [1, 2, 3, 4])
        #expect(found.medianRank == 2.5)
    }

    @Test func knowsTheChance() {
        let ones = Tensor.full([2, 1], 1)
        let found = Retrieval(
            queries: ones, targets: Tensor.full([4, 1], 1),
            relevance: .init(queries: [[0], [1]], targets: [[0], [0], [1], [2]]))
        // Of four targets two are right for the first query, one for the second.
        #expect(abs(found.chance(1) - (0.5 + 0.25) / 2) < 1e-12)
        #expect(abs(found.chance(2) - ((1 - 1.0 / 6) + 0.5) / 2) < 1e-12)
        #expect(found.chance(10) == 1)
    }

    @Test func namesItsMetrics() {
        var numbers = Numbers(3)
        let rows = numbers.tensor(12, 4).l2Normalized()
        let own = (0..<12).map { [$0] }
        let metrics = Retrieval(queries: rows, targets: rows, relevance: .init(queries: own, targets: own))
            .metrics("audio_to_text")
        for name in ["R@1", "R@5", "R@10", "mAP@10"] {
            #expect(metrics["audio_to_text_\(name)"]?.number == 1)
            #expect(metrics["audio_to_text_\(name)_ci95"]?.interval == Interval(1, 1))
        }
        #expect(metrics["audio_to_text_median_rank"]?.number == 1)
        #expect(abs((metrics["audio_to_text_R@1_chance"]?.number ?? 0) - 1.0 / 12) < 1e-12)
    }
}
