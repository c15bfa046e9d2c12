import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// PANNs' `Cnn14`, `Cnn10`, `Cnn6`, `ResNet22` to `ResNet54` and Wavegrams (Kong and others 2020) as their authors publish
    /// them: one file of weights, sizes told by shapes.
    ///
    /// Networks that decide for every part of a sound have the tensors of `Cnn14`, so that the name of their file is asked, too.
    /// The 32 kHz, 16 kHz and 8 kHz variants differ in the size of their spectrum. A `config.json` beside the file wins.
    static let panns = Family(name: "PANNs") { files in
        let checkpoint = try files.checkpoint()
        guard let sizes = FileShapes(checkpoint).cnn14 else { return .unlike("no conv_block1, bn0 and fc1") }
        guard let network = PANNsNetwork.all.first(where: { $0.has(sizes) }) else {
            throw PublishedError.incomplete(
                files.url.path, family: "PANNs", lacks: "the blocks of Cnn14, Cnn10, Cnn6 or a ResNet")
        }
        let spectrum = sizes.spectrum ?? 513
        let said = try files.config() ?? .empty
        let like = PANNsRate.all.first { $0.window == (spectrum - 1) * 2 }
        guard let usual = like ?? (said["window_size"] == nil ? nil : PANNsRate.all[0]) else {
            throw PublishedError.incomplete(
                files.url.path, family: "PANNs", lacks: "a spectrum of 513, 257 or 129 bins")
        }
        let rate = try said.integer("sample_rate", in: 1000...768_000, or: usual.rate)
        let features: Config = [
            "rate": .integer(rate), "bins": .integer(sizes.bins),
            "window": .integer(try said.integer("window_size", in: 16...65_536, or: usual.window)),
            "hop": .integer(try said.integer("hop_size", in: 1...65_536, or: usual.hop)),
            "low": .number(try said.number("fmin", in: 0...384_000, or: 50)),
            "high": .number(try said.number("fmax", in: 1...384_000, or: usual.high)),
        ]
        let isLocal = sizes.decidesLocally || checkpoint.path.contains("DecisionLevel")
        var keys: [String: Config] = [
            "widths": .list(sizes.widths.map { .integer($0) }), "embedding": .integer(sizes.embedding),
            "convolutions": .integer(network.convolutions), "kernel": .integer(network.kernel),
            "poolsLast": .bool(network.poolsLast), "features": features, "resampler": "librosa",
            "longest": .integer(longestPANNs), "outputDropout": 0.5,
        ]
        if !sizes.residual.isEmpty {
            keys["residual"] = .list(sizes.residual.map { .integer($0) })
            keys["narrow"] = .bool(sizes.isNarrow)
        }
        if !sizes.wave.isEmpty {
            keys["wave"] = .list(sizes.wave.map { .integer($0) })
            keys["waveAlone"] = .bool(sizes.isWaveAlone)
        }
        if isLocal { keys["pooling"] = "local" }
        var map = KeyMap.pannsCNN14.below("audio.", "")
        if sizes.isWaveAlone { map.ignoring += ["bn0.*", "conv_block1.*"] }
        let tower = JointSpace.Plan.Tower(encoder: "audio/cnn14", config: .map(keys))
        return .known(
            Recognised(
                family: "PANNs", plan: JointSpace.Plan(width: sizes.embedding, towers: ["audio": tower]),
                checkpoint: checkpoint, keyMap: map, frozen: ["audio"],
                notes: [
                    "the vectors are those of fc1" + (isLocal ? ", averaged over the time" : "")
                        + "; the AudioSet classes are left out",
                    "sounds are heard as a whole; above \(longestPANNs) s in parts of that length, their vectors averaged",
                ]))
    }

    /// The longest sound in seconds that PANNs hears as a whole; its authors set no bound, memory does.
    private static let longestPANNs = 60
}

/// What tells the published networks apart.
private struct PANNsNetwork {
    let blocks: Int
    let convolutions: Int
    let kernel: Int
    let poolsLast: Bool

    static let all = [
        PANNsNetwork(blocks: 6, convolutions: 2, kernel: 3, poolsLast: false),
        PANNsNetwork(blocks: 4, convolutions: 2, kernel: 3, poolsLast: true),
        PANNsNetwork(blocks: 4, convolutions: 1, kernel: 5, poolsLast: true),
        PANNsNetwork(blocks: 2, convolutions: 2, kernel: 3, poolsLast: false),
    ]

    func has(_ sizes: FileShapes.CNN14) -> Bool {
        (sizes.widths.count, sizes.convolutions, sizes.kernel) == (blocks, convolutions, kernel)
            && (blocks == 2) == !sizes.residual.isEmpty
    }
}

/// What the published variants hear.
private struct PANNsRate {
    let rate: Int
    let window: Int
    let hop: Int
    let high: Double

    static let all = [
        PANNsRate(rate: 32000, window: 1024, hop: 320, high: 14000),
        PANNsRate(rate: 16000, window: 512, hop: 160, high: 8000),
        PANNsRate(rate: 8000, window: 256, hop: 80, high: 4000),
    ]
}

extension KeyMap {
    /// How PANNs and MS-CLAP 2022 name the weights of CNN14, onto those of `audio/cnn14`.
    static let pannsCNN14: KeyMap = {
        let parts = [("conv1", "conv1"), ("norm1", "bn1"), ("conv2", "conv2"), ("norm2", "bn2")]
        let blocks = (0..<12).flatMap { index in
            parts.map { ours, theirs in
                Rule("blocks.\(index).\(ours).{part}", "conv_block\(index + 1).\(theirs).{part}")
            }
        }
        let after = parts.map { Rule("blocks.1.\($0).{part}", "conv_block_after1.\($1).{part}") }
        return KeyMap(
            blocks + after + pannsResidual + pannsWave
                + [Rule("bn0.{part}", "bn0.{part}"), Rule("fc.{part}", "fc1.{part}")],
            ignoring: [
                "fc_audioset.*", "att_block.*", "logmel_extractor.*", "spectrogram_extractor.*",
                "*.num_batches_tracked",
            ])
    }()

    /// The layers of ResNet22 and its like; where a layer strides, a pool without weights stands first in its shortcut.
    private static let pannsResidual = [
        Rule("residual.{l}.{n}.conv{m}.weight", "resnet.layer{l}.{n}.conv{m}.weight"),
        Rule("residual.{l}.{n}.norm{m}.{part}", "resnet.layer{l}.{n}.bn{m}.{part}"),
        Rule("residual.{l}.{n}.shortcut.weight", "resnet.layer{l}.{n}.downsample.0.weight"),
        Rule("residual.{l}.{n}.shortcut.weight", "resnet.layer{l}.{n}.downsample.1.weight"),
        Rule("residual.{l}.{n}.shortcut_norm.{part}", "resnet.layer{l}.{n}.downsample.2.{part}"),
        Rule("residual.{l}.{n}.shortcut_norm.{part}", "resnet.layer{l}.{n}.downsample.1.{part}"),
    ]

    /// What hears samples.
    private static let pannsWave: [Rule] = {
        var rules = [
            Rule("wave.stem.conv.weight", "pre_conv0.weight"),
            Rule("wave.stem.norm.{part}", "pre_bn0.{part}"),
            Rule("wave.last.conv{m}.weight", "pre_block4.conv{m}.weight"),
            Rule("wave.last.norm{m}.{part}", "pre_block4.bn{m}.{part}"),
        ]
        for step in 0..<3 {
            rules.append(
                Rule("wave.steps.\(step).conv{m}.weight", "pre_block\(step + 1).conv{m}.weight"))
            rules.append(Rule("wave.steps.\(step).norm{m}.{part}", "pre_block\(step + 1).bn{m}.{part}"))
        }
        return rules
    }()
}
