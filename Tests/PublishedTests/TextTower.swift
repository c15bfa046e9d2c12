import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyTensors
import BinderyText
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// A space of one text tower, filled from the weights of a fixture.
struct TextTower {
    let space: JointSpace
    let encoder: TextTransformer

    init(_ tower: JointSpace.Plan.Tower, width: Int, from weights: URL, _ map: KeyMap, assets: Assets) throws {
        let plan = JointSpace.Plan(width: width, towers: ["text": tower])
        space = try JointSpace(plan, modalities: Modalities.all, assets: ["text": assets])
        var map = map
        map.ignoring.append("*")
        try space.parameters.fill(from: Checkpoint(contentsOf: weights), through: map)
        encoder = try #require(space.tower("text").encoder as? TextTransformer)
    }

    init(_ model: Model) throws {
        space = model.space
        encoder = try #require(space.tower("text").encoder as? TextTransformer)
    }

    /// The texts' vectors after the head, as they are.
    func projected(_ rows: [[Int]]) throws -> Tensor { try space.tower("text").projection(encoder(rows, .inference)) }
}

/// The recorded texts and results of a fixture.
struct TextReference {
    let fixture: Fixture
    let expected: Checkpoint

    init?(_ name: String) {
        guard let fixture = Fixture(name), let expected = try? fixture.tensors("expected.safetensors") else {
            return nil
        }
        self.fixture = fixture
        self.expected = expected
    }

    func texts(_ path: String = "inputs/texts.json") throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file(path)))
    }

    /// Rows of recorded ids without padding, as the mask tells it; whole where there is no mask.
    func ids(_ name: String = "input_ids", mask: String? = "attention_mask") throws -> [[Int]] {
        let ids = try expected.integers(name).rows(of: #require(expected[name]).shape[1])
        guard let mask else { return ids }
        let masks = try expected.integers(mask).rows(of: #require(expected[mask]).shape[1])
        return zip(ids, masks).map { row, mask in Array(row.prefix(mask.reduce(0, +))) }
    }

    /// `found` against the recorded tensor, within `relative` of its largest number; rows of texts beyond their end are
    /// padding and left out.
    func check(_ found: Tensor, _ name: String, relative: Float, absolute: Float = 0, rows: [[Int]]? = nil) throws {
        let expected = try expected.tensor(name)
        guard let rows else { return expectClose(found, expected, relative: relative, absolute: absolute, name) }
        let largest = expected.values.reduce(Float(0)) { max($0, abs($1)) }
        for index in 0..<min(expected.shape[0], found.shape[0]) {
            func cut(_ tensor: Tensor) -> Tensor {
                tensor.slice(axis: 0, index..<index + 1).slice(axis: 1, 0..<rows[index].count)
            }
            expectClose(
                cut(found), cut(expected), relative: 0, absolute: relative * largest + absolute, "\(name) \(index)")
        }
    }
}

extension [Int] {
    func rows(of length: Int) -> [[Int]] {
        stride(from: 0, to: count, by: length).map { Array(self[$0..<$0 + length]) }
    }
}
