import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPictures
import BinderyPublished
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// Encoders at the sizes that are published, with random weights: written, mapped back, run.
@Suite(.serialized) struct RealSizeTests {
    @Test(
        arguments: [
            ("audio/cnn14", 2048, 79_673_792, 32_000.0), ("audio/htsat", 768, 27_534_488, 48_000.0),
        ])
    func encodersRunFromTheMappedFile(_ encoder: String, _ width: Int, _ count: Int, _ rate: Double) throws {
        let plan = JointSpace.Plan(width: width, towers: ["audio": .init(encoder: encoder)])
        let space = try JointSpace(plan, modalities: Modalities.all)
        space.parameters.fill(seed: 1)
        let weights = space.parameters.all.filter { !$0.name.contains("running") }
        #expect(weights.reduce(0) { $0 + $1.count } == count)
        let folder = try TemporaryFolder()
        try space.write(to: folder.url)
        let model = try Model(at: folder.url, modalities: Modalities.all)
        let sound = (0..<Int(rate)).map { sin(Float($0) * 0.05) * 0.3 }
        let items = [Item(.samples(sound, rate: rate))]
        let vector = try model.space.embed(items, as: "audio")
        #expect(vector.shape == [1, width])
        #expect(vector.values == (try space.embed(items, as: "audio")).values)
    }

    /// CLIP's ViT-B/32.
    @Test func visionRunsFromTheMappedFile() throws {
        let plan = JointSpace.Plan(width: 768, towers: ["image": .init(encoder: "image/vit")])
        let space = try JointSpace(plan, modalities: Modalities.all)
        space.parameters.fill(seed: 1)
        #expect(space.parameters.all.reduce(0) { $0 + $1.count } == 87_456_000)
        let folder = try TemporaryFolder()
        try space.write(to: folder.url)
        let model = try Model(at: folder.url, modalities: Modalities.all)
        let picture = Picture(width: 300, height: 200, pixels: (0..<180_000).map { UInt8($0 % 251) })
        let items = [Item(.bytes(picture.png()))]
        let vector = try model.space.embed(items, as: "image")
        #expect(vector.shape == [1, 768])
        #expect(vector.values == (try space.embed(items, as: "image")).values)
    }
}
