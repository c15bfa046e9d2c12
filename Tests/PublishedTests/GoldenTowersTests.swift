import BinderyBinding
import BinderyImage
import BinderyLayers
import BinderyModalities
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// Tiny models of every family of pictures, opened as published folders are (Tests/Goldens/towers.py).
@Suite struct GoldenTowersTests {
    @Test(arguments: [
        "clip", "siglip", "siglip2", "vit", "dinov2", "dinov2_with_registers", "align", "eva01", "eva02", "eva02e",
        "siglip2_timm",
    ])
    func agrees(name: String) throws {
        let folder = Fixture.golden("towers/\(name)")
        let model = try Model(at: folder, modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: folder.appending(path: "expected.safetensors"))
        let pictures = try recorded.tensor("pictures").permuted([0, 2, 3, 1]).rows
        let tower = try model.space.tower("image")
        let own: Tensor
        if let network = tower.encoder as? EfficientNet {
            own = network(pictures, .inference)
        } else {
            let network = try #require(tower.encoder as? VisionTransformer)
            own = network(pictures, .inference)
        }
        let vectors = tower.projection(own).l2Normalized()
        expectClose(vectors, try recorded.tensor("vectors"), relative: 1e-5, name)
    }

    /// What names of towers decide, and what of them is refused.
    @Test func trunksHaveNames() throws {
        let folder = Fixture.golden("towers/eva02e")
        let files = try ModelFiles(folder, tokenizer: nil)
        let found = try Family.recognise(files)
        let config = try #require(found.plan.towers["image"]?.config)
        #expect(config["order"] == "added" && config["heads"] == 16 && config["keyBias"] == false)
        let layout = OpenLayout(try files.checkpoint())
        for name in ["convnext_base", "vit_base_mci_224", "", "eva"] {
            #expect(throws: PublishedError.self) {
                try JointSpace.Plan.Tower.trunk(
                    ["timm_model_name": .text(name)], layout, size: [28, 28], pixels: .empty, named: "here")
            }
        }
    }
}
