import BinderyImage
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// Swin as transformers saves it, against recorded references.
@Suite struct SwinFamilyTests {
    @Test func swin() throws {
        guard let tower = try ImageTower("swin-hf") else { return }
        #expect(tower.model.family == "Swin")
        let pictures = try tower.pictures(in: "inputs.safetensors")
        let encoder = try tower.encoder(SwinTransformer.self)
        var stages: [String: Tensor] = [:]
        let pooled = encoder(pictures, .inference) { stages[$0] = $1 }
        func tokens(_ name: String) throws -> Tensor {
            let map = try #require(stages[name])
            return map.reshaped([2, map.shape[1] * map.shape[2], map.shape[3]])
        }
        for (index, name) in ["patches", "0", "1", "2"].enumerated() {
            try tower.check(tokens(name).slice(axis: 0, 0..<1), "hidden_\(index)", relative: 1e-4)
        }
        try tower.check(tokens("last"), "last_hidden", relative: 5e-5)
        try tower.check(pooled, "pooled", relative: 5e-5)
        let weights = try tower.fixture.tensors("model/model.safetensors")
        let logits = pooled.linear(
            weight: try weights.tensor("classifier.weight"), bias: try weights.tensor("classifier.bias"))
        try tower.check(logits, "logits", relative: 5e-5)
        let wide = try tower.pictures("pixel_values_other_size", in: "inputs.safetensors")
        try tower.check(encoder(wide.rows, .inference), "pooled_other_size", relative: 5e-5)
    }
}
