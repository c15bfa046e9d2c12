import BinderyTensors
import TestSupport
import Testing

@testable import BinderyLayers

@Suite struct SwinTests {
    private let shape: SwinShape = {
        var shape = SwinShape.tiny
        (shape.width, shape.depths, shape.heads, shape.window) = (4, [2, 1], [2, 4], 3)
        return shape
    }()

    @Test(arguments: [(6, 6, true), (7, 5, true), (4, 9, false), (3, 3, true), (3, 8, true), (2, 2, false)])
    func windowsAreUndone(_ height: Int, _ width: Int, _ shifted: Bool) {
        let grid = WindowGrid(height: height, width: width, window: 3, shifted: shifted)
        #expect(grid.shift == (shifted && min(height, width) > 3 ? 1 : 0))
        let there = grid.partition(batch: 2)
        let back = grid.reversal(batch: 2)
        #expect(there.count == 2 * grid.windows * 9)
        #expect(there.sorted() == Array(0..<there.count))
        let padded = (0..<2).flatMap { map in
            (0..<height).flatMap { row in
                (0..<width).map { (map * grid.paddedHeight + row) * grid.paddedWidth + $0 }
            }
        }
        #expect(back.map { there[$0] } == padded)
    }

    /// Positions that the shift brought together from opposite ends do not see each other.
    @Test func shiftedWindowsAreMasked() throws {
        let grid = WindowGrid(height: 6, width: 6, window: 3, shifted: true)
        let mask = try #require(grid.mask)
        #expect(mask.shape == [4, 1, 9, 9])
        let order = grid.partition(batch: 1)
        for window in 0..<4 {
            for a in 0..<9 {
                for b in 0..<9 {
                    let (first, second) = (order[window * 9 + a], order[window * 9 + b])
                    let near = abs(first / 6 - second / 6) < 3 && abs(first % 6 - second % 6) < 3
                    #expect(mask.values[(window * 9 + a) * 9 + b] == (near ? 0 : -100))
                }
            }
        }
        #expect(WindowGrid(height: 6, width: 6, window: 3, shifted: false).mask == nil)
    }

    /// Attention within windows is not attention over everything, and told from none.
    @Test func windowsAreSeenAsSuch() {
        let parameters = Parameters()
        let swin = Swin(parameters.scope, shape)
        parameters.fill(seed: 2)
        let seen = AttentionWatch.watching { _ = swin(Tensor.ones([1, 6, 6, 4]), .inference) }.seen
        #expect(seen.hasWindows && seen.weights.isEmpty && seen.grid == nil)
        #expect(!AttentionWatch.watching {}.seen.hasWindows)
    }

    @Test func relativePositionsAreCountedFromTheFarthest() {
        let rows = WindowGrid.relativePositions(window: 2)
        #expect(rows == [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4])
    }

    @Test func neighboursMergeInTheirOrder() {
        let parameters = Parameters()
        let merging = PatchMerging(parameters.scope, width: 1, neighbours: [0, 2, 1, 3])
        parameters.fill(seed: 1)
        let identity = Tensor([1, 0, 0, 0, 0, 1, 0, 0], [2, 4])
        parameters["reduction.weight"]?.value = identity
        parameters["norm.weight"]?.value = .ones([4])
        // Rows 0 2 / 1 5: layer norm keeps the order of size, so the second output is that of the position below.
        let merged = merging(Tensor([0, 2, 1, 5], [1, 2, 2, 1]))
        let expected = Tensor([0, 1, 2, 5], [1, 4]).layerNorm()
        expectClose(merged.reshaped([2]), expected.slice(axis: 1, 0..<2).reshaped([2]))
    }

    /// A map that stands alone gives the same rows as in a batch, and odd sides are padded.
    @Test func mapsDoNotSeeEachOther() {
        let parameters = Parameters()
        let swin = Swin(parameters.scope, shape)
        parameters.fill(seed: 3)
        let maps = Tensor.varied([3, 7, 5, 4])
        let together = swin(maps, .inference)
        #expect(together.shape == [3, 4, 3, 8])
        for index in 0..<3 {
            expectClose(
                swin(maps.slice(axis: 0, index..<index + 1), .inference),
                together.slice(axis: 0, index..<index + 1), relative: 1e-6)
        }
    }

    /// What is kept for maps of one size does not serve those of another.
    @Test func sizesMayChange() {
        func network() -> Swin {
            let parameters = Parameters()
            let swin = Swin(parameters.scope, shape)
            parameters.fill(seed: 3)
            return swin
        }
        let (swin, fresh) = (network(), network())
        let maps = [[1, 7, 5, 4], [1, 4, 9, 4], [1, 7, 5, 4]].map { Tensor.varied($0) }
        let found = maps.map { swin($0, .inference) }
        #expect(found[0].values == found[2].values)
        #expect(found[1].values == fresh(maps[1], .inference).values)
    }

    @Test func gradientsPassThroughWindows() throws {
        let parameters = Parameters()
        let block = SwinBlock(parameters.scope, shape, stage: 0, isShifted: true)
        parameters.fill(seed: 5)
        let names = parameters.all.map(\.name)
        let table = try #require(parameters["attention.positions"])
        expectGradient(at: [.varied([2, 4, 5, 4])], "map") { block($0[0], .inference) }
        // The table learns: what it gets is what moving one of its numbers changes.
        try parameters.freeze([], except: [""])
        let x = Tensor.varied([1, 4, 4, 4], seed: 9)
        let weights = Tensor.varied([1, 4, 4, 4], seed: 11)
        let loss = { (block(x, .inference) * weights).sum() }
        let gradient = try #require(loss().backward()[table])
        let start = table.value
        for index in [0, 7, 24, 49] {
            var differences: [Float] = []
            for step in [Float(0.02), -0.02] {
                var values = start.values
                values[index] += step
                table.value = Tensor(values, start.shape)
                differences.append(loss().item)
            }
            table.value = start
            let expected = (differences[0] - differences[1]) / 0.04
            #expect(abs(gradient.values[index] - expected) < 2e-3, "\(names.count) parameters, number \(index)")
        }
    }

    @Test(
        arguments: [
            ["depths": [2]], ["heads": [5, 2, 2, 2]], ["window": 0], ["neighbours": [0, 1, 1, 2]],
            ["width": 4_000_000_000], ["depths": [], "heads": []], ["expansion": -1], ["activation": "sine"],
        ] as [Config])
    func impossibleShapesAreRefused(_ config: Config) {
        #expect(throws: ConfigError.self) { try SwinShape(config, usual: .tiny) }
    }
}
