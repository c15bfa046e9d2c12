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

    /// Residual layers between two blocks, and decisions for every part of a sound (Tests/Goldens/panns.py).
    @Test(arguments: ["ResNet", "ResNetNarrow", "DecisionLevelAtt"]) func opensTheDeeperNetworks(_ name: String) throws
    {
        let model = try Model(at: Fixture.golden("panns/\(name).pth"), modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: Fixture.golden("panns/deeper.safetensors"))
        let network = try #require(try model.space.tower("audio").encoder as? CNN14)
        expectClose(network(try recorded.tensor("x"), .inference), try recorded.tensor(name), relative: 1e-5, name)
    }

    /// Samples beside a spectrogram, or alone; a sound of any length is heard.
    @Test(arguments: ["Wavegram_Logmel", "Wavegram"]) func opensNetworksThatHearSamples(_ name: String) throws {
        let model = try Model(at: Fixture.golden("panns/\(name).pth"), modalities: Modalities.all)
        let recorded = try Checkpoint(contentsOf: Fixture.golden("panns/deeper.safetensors"))
        let rows = try recorded.tensor("samples")
        let sounds = (0..<rows.shape[0]).map { row in
            Item(.samples(rows.slice(axis: 0, row..<row + 1).values, rate: 32000))
        }
        expectClose(
            try model.space.embed(sounds, as: "audio"), try recorded.tensor(name).l2Normalized(), relative: 1e-4, name)
        for count in [1, 10_239, 10_241, 33_333] {
            let vector = try model.space.embed(
                [Item(.samples([Float](repeating: 0.1, count: count), rate: 32000))], as: "audio")
            let isFinite = vector.values.allSatisfy { $0.isFinite }
            #expect(isFinite, "\(count) samples")
        }
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
