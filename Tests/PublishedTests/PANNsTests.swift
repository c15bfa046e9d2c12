import BinderyAudio
import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPublished
import BinderyTensors
import Foundation
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

    /// The networks of four blocks (Tests/Goldens/panns.py).
    @Test(arguments: ["Cnn10", "Cnn6"]) func opensTheShallowNetworks(_ name: String) throws {
        let model = try Model(at: Fixture.golden("panns/\(name).pth"), modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: Fixture.golden("panns/expected.safetensors"))
        let network = try #require(try model.space.tower("audio").encoder as? CNN14)
        expectClose(network(try recorded.tensor("x"), .inference), try recorded.tensor(name), relative: 1e-5, name)
    }

    /// As the authors do; beyond a minute, memory sets the bound.
    @Test func hearsAMinuteAsAWhole() throws {
        let model = try Model(at: Fixture.golden("panns/Cnn6.pth"), modalities: Modalities.all)
        let sounds = [15.0, 130].map { seconds in
            Item(.samples((0..<Int(seconds * 32000)).map { sin(Float($0) / 20) / 2 }, rate: 32000))
        }
        let windows = try model.space.embedWindows(sounds, as: "audio")
        #expect(windows.map(\.item) == [0, 1, 1, 1])
        #expect(windows.map(\.range) == [0..<15, 0..<60, 60..<120, 70..<130])
    }
}
