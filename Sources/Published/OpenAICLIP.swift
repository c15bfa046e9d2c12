import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// OpenAI's own files of CLIP (Radford and others 2021): one archive without a configuration, `ViT-B-32.pt` or `RN50.pt`,
    /// scripted or not; names and shapes tell everything.
    static let openAICLIP = Family(name: "OpenAI CLIP") { files in
        let layout = OpenLayout(try files.checkpoint())
        guard layout.shape("token_embedding.weight") != nil, layout.shape("visual.conv1.weight") != nil else {
            return .unlike("no visual.conv1 and token_embedding")
        }
        guard let image = try layout.vision(), let text = try layout.writing(),
            let width = layout.shape("text_projection")?.last
        else {
            throw PublishedError.incomplete(
                files.url.path, family: "OpenAI CLIP", lacks: "some of its tensors; was it downloaded whole?")
        }
        var found = layout.recognised(
            "OpenAI CLIP", width: width, image: image, text: text, from: KeyMap.clipVocabulary, files)
        found.notes = ["sizes were read from shapes; the activation is QuickGELU, as OpenAI trained it"]
        return .known(found)
    }
}

extension OpenLayout {
    /// The vision tower that the shapes tell; nil when tensors of it are missing.
    fileprivate func vision() throws -> JointSpace.Plan.Tower? {
        shape("visual.proj") == nil ? try resNet() : try vit()
    }

    private func vit() throws -> JointSpace.Plan.Tower? {
        guard let patches = shape("visual.conv1.weight"), patches.count == 4, let patch = patches.last,
            let rows = shape("visual.positional_embedding")?.first, let width = patches.first,
            let hidden = shape("visual.transformer.resblocks.0.mlp.c_fc.weight")?.first,
            let grid = (rows - 1).exactRoot, (1...16_384).contains(grid.multipliedClamped(by: patch))
        else { return nil }
        let size = grid * patch
        return JointSpace.Plan.Tower(
            encoder: "image/vit",
            config: [
                "size": .integer(size), "patch": .integer(patch), "width": .integer(width),
                "layers": .integer(count("visual.transformer.resblocks.", ".ln_1.weight")),
                "heads": .integer(max(width / 64, 1)), "hidden": .integer(hidden), "activation": "quick_gelu",
                "patchBias": false, "norm": "pooled", "pixels": try .openPixels(.empty, size: [size, size]),
            ], projection: .matrix)
    }

    private func resNet() throws -> JointSpace.Plan.Tower? {
        guard let width = shape("visual.layer1.0.conv1.weight")?.first,
            let rows = shape("visual.attnpool.positional_embedding")?.first, let grid = (rows - 1).exactRoot,
            let embedding = shape("visual.attnpool.c_proj.weight")?.first
        else { return nil }
        let size = grid.multipliedClamped(by: 32)
        return JointSpace.Plan.Tower(
            encoder: "image/resnet",
            config: [
                "size": .integer(size), "width": .integer(width),
                "layers": .list((1...4).map { .integer(count("visual.layer\($0).", ".conv1.weight")) }),
                "heads": .integer(max(width.multipliedClamped(by: 32) / 64, 1)), "embedding": .integer(embedding),
                "pixels": try .openPixels(.empty, size: [size, size]),
            ])
    }

    /// The text tower that the shapes tell.
    fileprivate func writing() throws -> JointSpace.Plan.Tower? {
        guard let table = shape("token_embedding.weight"), table.count == 2,
            let positions = shape("positional_embedding")?.first
        else { return nil }
        return JointSpace.Plan.Tower(
            encoder: "text/clip",
            config: [
                "vocabulary": .integer(table[0]), "positions": .integer(positions), "limit": .integer(positions),
                "width": .integer(table[1]), "layers": .integer(count("transformer.resblocks.", ".ln_1.weight")),
                "heads": .integer(max(table[1] / 64, 1)), "activation": "quick_gelu", "tokenizer": "clip_openai",
            ], projection: .matrix)
    }
}

extension Int {
    /// The whole number whose square this is.
    fileprivate var exactRoot: Int? {
        guard self > 0, self < 1 << 40 else { return nil }
        let root = Int(Double(self).squareRoot().rounded())
        return root * root == self ? root : nil
    }

    /// The product, or the largest number where that is too large.
    fileprivate func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
