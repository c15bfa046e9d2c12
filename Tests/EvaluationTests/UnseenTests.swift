import BinderyEvaluation
import BinderyTensors
import Testing

@Suite struct UnseenTests {
    @Test func judgesWhatWasLeftOut() {
        // Three classes, the last two left out. The second item falls for the class that was learned, the third for its twin.
        let cosines = Tensor([0.1, 0.9, 0.2, 0.8, 0.5, 0.4, 0.1, 0.7, 0.6, 0.9, 0.1, 0.2], [4, 3])
        let judged = Unseen(cosines: cosines, labels: [1, 1, 2, 0], unseen: [1, 2])
        #expect(judged.hitsAmongThemselves == [1, 1, 0])
        #expect(judged.unseenHits == [1, 0, 0])
        #expect(judged.seenHits == [1])
        #expect(abs(judged.harmonicMean - 0.5) < 1e-12)
        #expect(judged.metrics()["unseen_among_unseen_acc1_chance"] == .number(0.5))
    }

    @Test func averagesRuns() throws {
        // One run names both items of class 1 and none of class 0, the other the reverse: neither is of use, so the mean is 0.
        let labels = [1, 1, 0, 0]
        let (all, none) = (Tensor([0, 1, 0, 1, 0, 1, 0, 1], [4, 2]), Tensor([1, 0, 1, 0, 1, 0, 1, 0], [4, 2]))
        let runs = [all, none].map {
            ZeroShot(items: $0, prompts: Tensor([1, 0, 0, 1], [2, 2]), templates: ["{}"], labels: labels)
        }
        let each = runs.map {
            LeftOut($0, ["a", "b"], unseen: [1], unrelated: $0.cosines, raisedBy: $0.cosines.values[0])
        }
        let mean = LeftOut(meanOf: each)
        #expect(mean.asTheyAre.unseenHits == [0.5, 0.5] && mean.asTheyAre.seenHits == [0.5, 0.5])
        #expect(mean.asTheyAre.harmonicMean == 0)
        #expect(mean.raised?.by == 0.5)
        #expect(mean.detections["b"]?.area == 0.5)
        let metrics = mean.metrics()
        #expect(metrics["unseen_acc1"] == .number(0.5))
        let alone = LeftOut(meanOf: [each[0]]).metrics()
        #expect(alone["unseen_acc1"] == each[0].metrics()["unseen_acc1"] && alone["unseen_acc1"] == .number(1))
        #expect(alone["unseen_auc_ci95"] == each[0].metrics()["unseen_auc_ci95"])
    }
}

@Suite struct LeftOutTests {
    @Test func raisesWhatWasLeftOutAtTheGivenCost() {
        // Class 2 was left out; five items of the others lead it by 0.1, 0.2, 0.3, 0.4, 0.5.
        let learned = Tensor((1...5).flatMap { [0, 0.5 + Float($0) / 10, 0.5] }, [5, 3])
        #expect(abs(Unseen.raise(learned, unseen: [2], cost: 0) - 0.1) < 1e-6)
        #expect(abs(Unseen.raise(learned, unseen: [2], cost: 0.5) - 0.3) < 1e-6)
        let cosines = Tensor([0.1, 0.5, 0.4, 0.1, 0.5, 0.1], [2, 3])
        let judged = Unseen(cosines: cosines, labels: [2, 1], unseen: [2], raisedBy: 0.3)
        #expect(judged.unseenHits == [1] && judged.seenHits == [1])
        #expect(Unseen(cosines: cosines, labels: [2, 1], unseen: [2]).unseenHits == [0])
    }

    @Test func findsItemsAsAPlainLoopDoes() {
        var numbers = Numbers(5)
        let items = 40
        let isOwn = (0..<items).map { $0 % 3 == 0 }
        // Coarse, so that many are equal.
        let values = (0..<items * 4).map { _ in (numbers.next() * 4).rounded() / 4 }
        let cosines = Tensor(values, [items, 4])
        let areas = (0..<4).map { column -> Double in
            let wins = isOwn.indices.filter { isOwn[$0] }.map { own in
                isOwn.indices.filter { !isOwn[$0] }.map { other in
                    let (a, b) = (values[own * 4 + column], values[other * 4 + column])
                    return a > b ? 1.0 : a == b ? 0.5 : 0
                }
            }
            let all = wins.flatMap(\.self)
            return all.reduce(0, +) / Double(all.count)
        }
        let found = Detection(cosines: cosines, prompt: 1, isOwn: isOwn, unrelated: cosines)
        #expect(abs(found.area - areas[1]) < 1e-12)
        #expect(zip(found.unrelated, areas).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(found.beaten == areas.count { $0 < areas[1] })
        let range = found.interval()
        #expect(range.low < found.area && found.area < range.high && range.high - range.low < 0.5)
    }
}

@Suite struct RobustnessTests {
    private func judged(_ right: Int, of items: Int) -> Classification {
        Classification(
            predictions: (0..<items).map { $0 < right ? 0 : 1 }, labels: Array(repeating: 0, count: items), classes: 2)
    }

    @Test func comparesSetsOfDifferentSizes() {
        let found = Robustness(
            reference: .init("reference", judged(90, of: 100)),
            shifted: [.init("night", judged(20, of: 50)), .init("same", judged(180, of: 200))])
        #expect(abs(found.meanShifted - 0.65) < 1e-12)
        let night = found.difference(found.shifted[0])
        #expect(abs(night.value + 0.5) < 1e-12)
        // Two independent shares: the deviation of the difference is that of both together, about 7.5 points.
        #expect(night.interval.low < -0.6 && night.interval.low > -0.7)
        #expect(night.interval.high > -0.4 && night.interval.high < -0.3)
        let same = found.difference(found.shifted[1])
        #expect(same.interval.low < 0 && same.interval.high > 0)
        #expect(found.metrics()["shift_difference"]?.table?["night"] == .number(night.value))
        let page = found.report("Robustness", origin: .init(command: "bindery")).html()
        #expect(page.contains("night") && page.contains("the reference"))
    }
}

@Suite struct AttentionMapTests {
    @Test func rollsOutAgainstAPlainLoop() throws {
        var numbers = Numbers(3)
        let (tokens, layers) = (5, 3)
        let weights = (0..<layers).map { _ in numbers.tensor(1, 2, tokens, tokens).softmax() }
        let shares = try #require(AttentionMap.rollout(weights))
        var rolled = (0..<tokens).map { row in (0..<tokens).map { Float($0 == row ? 1 : 0) } }
        for layer in weights {
            let values = layer.values
            let mixed = (0..<tokens).map { row in
                (0..<tokens).map { column in
                    let place = row * tokens + column
                    return 0.5 * (values[place] + values[tokens * tokens + place]) / 2 + (row == column ? 0.5 : 0)
                }
            }
            let before = rolled
            rolled = mixed.map { row in
                (0..<tokens).map { column in (0..<tokens).reduce(Float(0)) { $0 + row[$1] * before[$1][column] } }
            }
        }
        let patches = Array(rolled[0].dropFirst())
        let (low, high) = (try #require(patches.min()), try #require(patches.max()))
        for (share, patch) in zip(shares.joined(), patches) {
            #expect(abs(share - (patch - low) / (high - low)) < 1e-5)
        }
    }

    @Test func otherAttentionsHaveNoMap() {
        #expect(AttentionMap.rollout([]) == nil)
        #expect(AttentionMap.rollout([Tensor.full([1, 1, 3, 4], 0.25)]) == nil)
    }
}
