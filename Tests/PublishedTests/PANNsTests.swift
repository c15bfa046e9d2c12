import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPublished
import BinderyTensors
import TestSupport
import Testing

@Suite struct PANNsTests {
    static let fixture = Fixture("panns-cnn14")

    @Test(.enabled(if: fixture != nil)) func opensThePublishedFile() throws {
        let fixture = try #require(Self.fixture)
        let expected = try fixture.tensors("expected.safetensors")
        let model = try Model(
            at: fixture.file("model/Cnn14_tiny_legacy.pth"), modalities: Modalities.all)
        #expect(model.family == "PANNs")
        for (name, file) in [("a", "a_1s.wav"), ("b", "b_3s.wav")] {
            let vector = try model.space.embed([.file(fixture.file("inputs/\(file)"))], as: "audio")
            let recorded = try expected.tensor("\(name)_embedding").l2Normalized()
            expectClose(vector, recorded, relative: 1e-4, "\(name)")
        }
    }
}
