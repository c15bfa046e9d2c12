import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct RotaryTests {
    private func heads(_ places: Int) -> Tensor {
        var random = RandomSource(seed: 3)
        return random.uniform([1, 2, places, 8], in: -1...1)
    }

    @Test func turnsPairsByPlace() {
        let rotary = Rotary(grid: (2, 2), reference: (4, 4), first: 1, head: 8)
        let x = heads(5)
        let turned = rotary(x)
        // The class token stays, lengths of pairs stay.
        expectClose(turned.slice(axis: 2, 0..<1), x.slice(axis: 2, 0..<1), relative: 0)
        func lengths(_ x: Tensor) -> Tensor { x.reshaped([1, 2, 5, 4, 2]).square().sum(axes: [4]) }
        expectClose(lengths(turned), lengths(x), relative: 1e-5)
        // The place in row 1 and column 0 counts as row 2 of 4: its first pair turns by 2, its columns by nothing.
        let (before, after) = (x.slice(axis: 2, 3..<4).values, turned.slice(axis: 2, 3..<4).values)
        let angle = Float(2)
        #expect(abs(after[0] - (before[0] * cos(angle) - before[1] * sin(angle))) < 1e-6)
        #expect(abs(after[1] - (before[1] * cos(angle) + before[0] * sin(angle))) < 1e-6)
        expectClose(Array(after[4..<8]), Array(before[4..<8]), relative: 1e-6)
    }

    /// Scores depend on how far apart two places are, not on where they are.
    @Test func scoresSeeDistances() {
        let rotary = Rotary(grid: (4, 4), reference: (4, 4), first: 0, head: 8)
        let row = heads(1).slice(axis: 1, 0..<1)
        let everywhere = rotary(row.broadcast(to: [1, 1, 16, 8]))
        let scores = everywhere.matmul(transposed: everywhere).values
        #expect(abs(scores[0 * 16 + 5] - scores[5 * 16 + 10]) < 1e-5)
        #expect(abs(scores[1 * 16 + 2] - scores[9 * 16 + 10]) < 1e-5)
    }
}
