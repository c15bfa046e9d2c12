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

    /// What a configuration says about layer norms does not hold for the last.
    @Test func theLastNormHasItsOwnEpsilon() throws {
        let parameters = Parameters()
        let encoder = try HTSAT(
            [
                "features": ["rate": 1000, "window": 64, "hop": 10, "bins": 8, "low": 0, "high": 500], "seconds": 1,
                "size": 32, "width": 8, "depths": [1], "heads": [2], "window": 4, "epsilon": 1,
            ], parameters.scope)
        parameters.fill(seed: 2)
        let x = try golden.tensor("x").slice(axis: 0, 0..<1).slice(axis: 1, 0..<1).reshaped([1, 101, 8])
        var maps: [String: Tensor] = [:]
        _ = encoder(x, .inference) { maps[$0] = $1 }
        let (state, last) = (try #require(maps["0"]).values, try #require(maps["last"]).values)
        for start in stride(from: 0, to: state.count, by: 8) {
            let row = state[start..<start + 8].map(Double.init)
            let mean = row.reduce(0, +) / 8
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
            let normed = row.map { Float(($0 - mean) / (variance + 1e-5).squareRoot()) }
            expectClose(Array(last[start..<start + 8]), normed, relative: 1e-4)
        }
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
