import BinderyBinding
import BinderyLayers
import Foundation

extension Family {
    /// PANNs' `Cnn14`, `Cnn10` and `Cnn6` (Kong and others 2020) as their authors publish them: one file of weights, sizes
    /// told by shapes.
    ///
    /// The 32 kHz, 16 kHz and 8 kHz variants differ in the size of their spectrum. A `config.json` beside the file wins.
    static let panns = Family(name: "PANNs") { files in
        let checkpoint = try files.checkpoint()
        guard let sizes = FileShapes(checkpoint).cnn14 else { return .unlike("no conv_block1, bn0 and fc1") }
        guard let network = PANNsNetwork.all.first(where: { $0.has(sizes) }) else {
            throw PublishedError.incomplete(
                files.url.path, family: "PANNs", lacks: "the blocks of Cnn14, Cnn10 or Cnn6, the networks known here")
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
        let tower = JointSpace.Plan.Tower(
            encoder: "audio/cnn14",
            config: [
                "widths": .list(sizes.widths.map { .integer($0) }), "embedding": .integer(sizes.embedding),
                "convolutions": .integer(network.convolutions), "kernel": .integer(network.kernel),
                "poolsLast": .bool(network.poolsLast), "features": features, "resampler": "librosa",
                "longest": .integer(longestPANNs), "outputDropout": 0.5,
            ])
        return .known(
            Recognised(
                family: "PANNs", plan: JointSpace.Plan(width: sizes.embedding, towers: ["audio": tower]),
                checkpoint: checkpoint, keyMap: KeyMap.pannsCNN14.below("audio.", ""), frozen: ["audio"],
                notes: [
                    "the vectors are those of fc1; the AudioSet classes are left out",
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
    ]

    func has(_ sizes: FileShapes.CNN14) -> Bool {
        (sizes.widths.count, sizes.convolutions, sizes.kernel) == (blocks, convolutions, kernel)
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
        return KeyMap(
            blocks + [Rule("bn0.{part}", "bn0.{part}"), Rule("fc.{part}", "fc1.{part}")],
            ignoring: ["fc_audioset.*", "logmel_extractor.*", "spectrogram_extractor.*", "*.num_batches_tracked"])
    }()
}
