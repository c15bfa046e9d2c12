internal import BinderyBinding
internal import BinderyLayers
internal import BinderyTensors
internal import Foundation

/// How an encoder hears: windows of sound as log-mel spectrograms.
struct MelHearing: Sendable {
    let windows: Windows
    let spectrograph: Spectrograph
    /// Clips that make fewer frames get silence behind them.
    let fewestFrames: Int

    /// The keys that `init(_:usual:windows:fewestFrames:)` reads.
    static let keys = ["features"] + Windows.keys

    /// Reads `features` (a `LogMel`) and the keys of `Windows`; what is missing is as usual.
    init(
        _ config: Config, usual mel: LogMel, windows: (LogMel) -> Windows, fewestFrames: Int = 1
    ) throws {
        let mel = try config["features"].map { try $0.decoded(as: LogMel.self) } ?? mel
        self.windows = try Windows(config, usual: windows(mel))
        self.fewestFrames = fewestFrames
        spectrograph = Spectrograph(mel)
    }

    /// The spectrograms of an item's windows, [T, M] each.
    func clips(of item: Item) throws -> Clips<Tensor> {
        try windows.clips(of: item) { [self] in frames(of: $0) }
    }

    /// The spectrogram of one window, [T, M].
    func frames(of samples: [Float]) -> Tensor {
        let mel = spectrograph.mel
        let fewest = (mel.edges == .snipped ? mel.window : 0) + (fewestFrames - 1) * mel.hop
        guard samples.count < fewest else { return spectrograph(samples) }
        return spectrograph(samples + repeatElement(0, count: fewest - samples.count))
    }

    /// Two spectrograms as that of both sounds at the same time (Niizumi and others 2021): shares of their powers, before
    /// the logarithm; spectrograms of different lengths are left alone.
    var mixing: ClipMixing<Tensor> {
        let unit: Float? =
            switch spectrograph.mel.level {
            case .decibels: Float(log(10.0) / 10)
            case .natural: 1
            case .linear: nil
            }
        return { clip, other, share in
            guard clip.shape == other.shape else { return clip }
            return clip.read { clip in
                other.read { other in
                    Tensor(shape: [clip.count]) { target in
                        for place in target.indices {
                            let (a, b) = (clip[place], other[place])
                            guard let unit else {
                                target[place] = (1 - share) * a + share * b
                                continue
                            }
                            let top = max(a, b)
                            let power = (1 - share) * exp((a - top) * unit) + share * exp((b - top) * unit)
                            target[place] = top + log(power) / unit
                        }
                    }
                }
            }.reshaped(clip.shape)
        }
    }

    /// The most frames that a window makes; those of ten seconds where windows have no length.
    var mostFrames: Int { windows.length.map { spectrograph.mel.frames(of: $0) } ?? framesOfTenSeconds }

    /// The frames of ten seconds of sound.
    var framesOfTenSeconds: Int { spectrograph.mel.frames(of: Int(10 * windows.rate)) }
}

extension Config {
    /// This tree as a type that decodes itself.
    func decoded<T: Decodable>(as type: T.Type) throws -> T {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }
}

extension [Tensor] {
    /// Calls `network` with clips of one shape at once, [B, …] to [B, D], and puts the rows in the clips' order.
    ///
    /// Several clips that go together hold at most `most` numbers.
    func batched(_ width: Int, most: Int = .max, _ network: (Tensor) -> Tensor) -> Tensor {
        guard !isEmpty else { return .zeros([0, width]) }
        let groups = Dictionary(grouping: indices) { self[$0].shape }.values.sorted { $0[0] < $1[0] }
            .flatMap { group in group.cut(by: Swift.max(most / Swift.max(self[group[0]].count, 1), 1)) }
        guard groups.count > 1 else { return network(.stacked(self)) }
        let rows = Tensor.concatenated(groups.map { group in network(.stacked(group.map { self[$0] })) }, axis: 0)
        var places = [Int](repeating: 0, count: count)
        for (row, index) in groups.joined().enumerated() { places[index] = row }
        return rows.gather(rows: places)
    }
}
