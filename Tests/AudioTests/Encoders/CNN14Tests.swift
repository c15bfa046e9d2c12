import BinderyAudio
import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@Suite struct CNN14Tests {
    static let panns = Fixture("panns-cnn14")
    static let msclap = Fixture("msclap-2022")

    /// Names of PANNs below `prefix`.
    static func map(_ prefix: String = "") -> KeyMap {
        var rules = (0..<6).flatMap { index in
            [("conv1", "conv1"), ("norm1", "bn1"), ("conv2", "conv2"), ("norm2", "bn2")].map { ours, theirs in
                KeyMap.Rule("blocks.\(index).\(ours).{part}", "conv_block\(index + 1).\(theirs).{part}")
            }
        }
        rules += [KeyMap.Rule("bn0.{part}", "bn0.{part}"), KeyMap.Rule("fc.{part}", "fc1.{part}")]
        let ignoring = ["fc_audioset.*", "logmel_extractor.*", "spectrogram_extractor.*", "*.num_batches_tracked"]
        return KeyMap(rules, ignoring: ignoring).below("", prefix)
    }

    private func network(_ config: Config, _ url: URL, _ map: KeyMap) throws -> CNN14 {
        let parameters = Parameters()
        let network = try CNN14(config, parameters.scope)
        try parameters.fill(from: Checkpoint(contentsOf: url), through: map)
        return network
    }

    @Test(.enabled(if: panns != nil), arguments: [("a", "a_1s.wav"), ("b", "b_3s.wav")])
    func agreesWithPANNsStageByStage(_ name: String, _ file: String) throws {
        let fixture = try #require(Self.panns)
        let expected = try fixture.tensors("expected.safetensors")
        let network = try network(
            ["widths": [2, 4, 8, 16, 32, 64]], fixture.file("model/Cnn14_tiny_legacy.pth"), Self.map())
        var clips = try network.clips(of: .file(fixture.file("inputs/\(file)")))
        let clip = try #require(try clips.next()).clip
        #expect(try clips.next() == nil)

        let logMel = try expected.tensor("\(name)_logmel")
        #expect(clip.shape == logMel.shape)
        let pairs = zip(clip.values, logMel.values).filter { $0.1 > -60 }
        #expect(pairs.map { abs($0.0 - $0.1) }.max() ?? 1 <= 2e-3)

        var stages: [String: Tensor] = [:]
        let vector = network(.stacked([clip]), .inference) { stages[$0] = $1 }
        expectClose(vector, try expected.tensor("\(name)_embedding"), relative: 1e-4)
        let bn0 = try #require(stages["bn0"])
        expectClose(bn0.reshaped(logMel.shape), try expected.tensor("\(name)_bn0"), relative: 1e-4)
        for index in 1...6 {
            let stage = try #require(stages["block\(index)"])
            var actual = stage.permuted(0, 3, 1, 2).reshaped(stage.shape[3], stage.shape[1], stage.shape[2])
            if name == "b" && index < 3 {
                actual = .concatenated(
                    stride(from: 0, to: actual.shape[1], by: 5).map { actual.slice(axis: 1, $0..<$0 + 1) }, axis: 1)
            }
            expectClose(actual, try expected.tensor("\(name)_conv_block\(index)"), relative: 1e-4, "block \(index)")
        }
    }

    @Test(.enabled(if: msclap != nil))
    func agreesWithMSCLAP2022() throws {
        let fixture = try #require(Self.msclap)
        let config: Config = [
            "features": ["rate": 44100, "window": 512, "hop": 320, "bins": 64, "low": 50, "high": 14000],
            "seconds": 5, "short": "repeat", "resampler": "sinc", "mixing": "concatenated",
            "widths": [2, 4, 8, 16, 32, 64], "embedding": 40,
        ]
        var map = Self.map("audio_encoder.base.")
        map.ignoring += ["caption_encoder.*", "audio_encoder.projection.*", "logit_scale"]
        let network = try network(config, fixture.file("model/CLAP_weights_2022.pth"), map)
        let long = Item.Source.file(fixture.file("inputs/long.wav"))
        let items = [
            Item(.file(fixture.file("inputs/short_2s.wav"))), Item(long, range: 0..<5),
            Item(long, range: 12345 / 44100..<12345 / 44100 + 5),
        ]
        let clips = try items.map { item in
            var clips = try network.clips(of: item)
            return try clips.next(10).map(\.clip)
        }
        #expect(clips.map(\.count) == [1, 1, 1])
        let expected = try fixture.tensors("expected.safetensors")
        expectClose(network(clips.flatMap { $0 }, .inference), try expected.tensor("audio_features"), relative: 1e-4)
    }

    /// A narrow network that PyTorch ran in both modes.
    @Test func agreesWithTheGolden() throws {
        let golden = try Checkpoint(contentsOf: Fixture.golden("audio/cnn14.safetensors"))
        let parameters = Parameters()
        let config: Config = [
            "features": ["rate": 8000, "window": 64, "hop": 32, "bins": 8, "low": 0, "high": 4000],
            "widths": [2, 3, 4], "embedding": 5, "dropout": 0, "headDropout": 0,
        ]
        let network = try CNN14(config, parameters.scope)
        let map = KeyMap(
            [KeyMap.Rule("*", "start.*")], ignoring: ["x", "weights", "inference", "training", "after.*", "gradient.*"])
        try parameters.fill(from: golden, through: map)
        let x = try golden.tensor("x")
        #expect(network.width == 5)
        expectClose(network(x, .inference), try golden.tensor("inference"), relative: 1e-5)

        try parameters.freeze([], except: [""])
        let step = Step(seed: 1)
        let y = network(x, .training(step))
        expectClose(y, try golden.tensor("training"), relative: 1e-5)
        let gradients = (y * (try golden.tensor("weights"))).sum().backward()
        for parameter in parameters.trainable {
            let gradient = try #require(gradients[parameter], "\(parameter.name)")
            expectClose(
                gradient, try golden.tensor("gradient.\(parameter.name)"), relative: 1e-4, absolute: 1e-5,
                parameter.name)
        }
        step.commit()
        for name in ["bn0", "blocks.0.norm1", "blocks.2.norm2"].flatMap({ ["\($0).running_mean", "\($0).running_var"] })
        {
            let buffer = try #require(parameters[name])
            expectClose(buffer.value, try golden.tensor("after.\(name)"), relative: 1e-5, name)
        }
    }

    @Test func clipsOfDifferentLengthsKeepTheirOrder() throws {
        let parameters = Parameters()
        let network = try CNN14(["widths": [2, 3, 4]], parameters.scope)
        parameters.fill(seed: 5)
        let clips = [40, 20, 40, 31, 20].enumerated().map { index, frames in
            Tensor(shape: [frames, 64]) { $0.initialize(repeating: Float(index)) }
        }
        let together = network(clips, .inference)
        let alone = Tensor.concatenated(clips.map { network([$0], .inference) }, axis: 0)
        expectClose(together, alone, relative: 1e-5)
        #expect(network([], .inference).shape == [0, 4])
    }

    @Test func segmentsKeepTheOrder() throws {
        let parameters = Parameters()
        let network = try CNN14(["widths": [2, 3], "segments": 2, "embedding": 0], parameters.scope)
        parameters.fill(seed: 5)
        #expect(network.width == 6)
        let halves = [Tensor.varied([20, 64], seed: 1), Tensor.varied([20, 64], seed: 2)]
        let there = network([.concatenated(halves, axis: 0)], .inference)
        let back = network([.concatenated(halves.reversed(), axis: 0)], .inference)
        let whole = try CNN14(["widths": [2, 3], "embedding": 0], parameters.scope)
        let first = whole([halves[0]], .inference)
        #expect(there.values.prefix(3) != back.values.prefix(3))
        #expect(first.shape == [1, 3])
        #expect(network([Tensor.varied([2, 64], seed: 3)], .inference).isFinite)
    }

    @Test(arguments: [1, 100, 3200])
    func veryShortSoundsAreFilledWithSilence(_ count: Int) throws {
        let parameters = Parameters()
        let network = try CNN14(["widths": [2, 2, 2, 2, 2, 2]], parameters.scope)
        parameters.fill(seed: 5)
        let item = Item(.samples(tone(440, rate: 32000, count: count), rate: 32000))
        var clips = try network.clips(of: item)
        let clip = try #require(try clips.next()).clip
        #expect(clip.shape == [32, 64])
        #expect(network([clip], .inference).isFinite)
        #expect(try network.duration(of: item) == Double(count) / 32000)
    }

    @Test(
        arguments: [
            ["widths": []], ["widths": [4_000_000_000]], ["widths": [1, 1, 1, 1, 1, 1, 1, 1]], ["width": [2]],
            ["embedding": -1], ["dropout": 1], ["features": ["rate": 32000]], ["features": 3], ["seconds": 0],
            ["seconds": 1e9], ["seconds": 0.1], ["every": 11], ["segments": 0],
            ["segments": 9000], ["short": "long"], ["resampler": "none"], ["rate": 4e9],
        ] as [Config])
    func impossibleConfigurationsAreRefused(_ config: Config) {
        #expect(throws: (any Error).self) { try CNN14(config, Parameters().scope) }
    }
}
