internal import CKernels

/// How several channels become one.
public enum Mixing: String, Codable, Sendable, CaseIterable {
    /// The mean over the channels.
    case mean
    /// The first channel alone, as Kaldi and ImageBind hear.
    case first
    /// Channel after channel, as MS-CLAP reads its files.
    case concatenated

    /// What is taken from a sound in one pass over it.
    enum Part: Equatable {
        case mean
        case channel(Int)

        /// Appends what this takes from interleaved frames.
        func append(_ frames: UnsafeBufferPointer<Float>, _ channels: Int, to samples: inout [Float]) {
            guard let source = frames.baseAddress else { return }
            let count = frames.count / channels
            let mixed = [Float](unsafeUninitializedCapacity: count) { target, filled in
                filled = count
                guard let target = target.baseAddress else { return }
                switch self {
                case .mean: ck_mix_down(source, channels, count, target)
                case .channel(let index):
                    for frame in 0..<count { target[frame] = source[frame * channels + index] }
                }
            }
            samples.append(contentsOf: mixed)
        }
    }

    /// The passes over a sound, one after the other.
    func parts(_ channels: Int) -> [Part] {
        switch self {
        case .mean: [.mean]
        case .first: [.channel(0)]
        case .concatenated: (0..<channels).map(Part.channel)
        }
    }
}
