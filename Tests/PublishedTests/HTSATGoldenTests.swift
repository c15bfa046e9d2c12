import BinderyBinding
import BinderyLayers
import BinderyTensors
import TestSupport
import Testing

@testable import BinderyAudio
@testable import BinderyPublished

/// A small HTSAT with fusion as transformers runs it, in both directions (Tests/Goldens/htsat.py).
@Suite struct HTSATGoldenTests {
    private let golden: Checkpoint
    private let parameters = Parameters()
    private let encoder: HTSAT

    init() throws {
        golden = try Checkpoint(contentsOf: Fixture.golden("audio/htsat.safetensors"))
        encoder = try HTSAT(
            [
                "features": ["rate": 1000, "window": 64, "hop": 10, "bins": 8, "low": 0, "high": 500], "seconds": 1,
                "size": 32, "patch": 4, "width": 8, "depths": [2, 2], "heads": [2, 4], "window": 4, "fusion": true,
            ], parameters.scope)
        try parameters.fill(from: golden, through: map("model."))
    }

    private func map(_ prefix: String) -> KeyMap {
        var map = KeyMap.hubHTSAT.below("", prefix + "audio_encoder.")
        map.ignoring = ["*"]
        return map
    }

    /// One clip without close-ups, two with.
    private func clips() throws -> [Tensor] {
        let x = try golden.tensor("x")
        let all = (0..<3).map { x.slice(axis: 0, $0..<$0 + 1).reshaped([4, 101, 8]) }
        return [all[0].slice(axis: 0, 0..<1).reshaped([101, 8])] + all[1...]
    }

    @Test func agreesForward() throws {
        expectClose(encoder(try clips(), .inference), try golden.tensor("pooled"), relative: 5e-6)
    }

    @Test func agreesBackward() throws {
        try parameters.freeze([], except: [""])
        let loss = (encoder(try clips(), .inference) * (try golden.tensor("weights"))).sum()
        let gradients = loss.backward()
        let trainable = parameters.trainable
        let sources = try map("gradient.").resolve(trainable.map { ($0.name, $0.shape) }, in: golden)
        for parameter in trainable {
            let expected = try #require(sources[parameter.name]).tensor()
            let found = try #require(gradients[parameter], "\(parameter.name)")
            // Keys' biases move all scores of a row alike: their gradient is rounding.
            expectClose(found, expected, relative: 1e-4, absolute: 1e-4, parameter.name)
        }
    }
}
