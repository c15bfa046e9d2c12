internal import BinderyLayers
internal import BinderyTensors

/// Random changes of a spectrogram for training: it is moved round or along in time, made louder or softer, and stripes of
/// it are painted over with its mean (Park and others 2019, without the warp).
struct SpecAugment: Hashable, Sendable {
    /// Whether the frames are moved round by any number.
    var shifts = false
    /// By how many frames it slides at most, either way; its smallest number fills the gap.
    var slide = 0
    /// How much louder or softer it becomes at most, in the spectrogram's own unit.
    var gain: Float = 0
    /// Stripes across all bins.
    var timeStripes = Stripes(count: 0, below: 1)
    /// Stripes along all frames.
    var binStripes = Stripes(count: 0, below: 1)

    /// So many stripes, each of a random width below a bound.
    struct Stripes: Hashable, Sendable {
        var count: Int
        var below: Int
    }

    /// Reads `shift`, `slide`, `gain`, and `timeStripes` and `binStripes`, these with `count` and `below`.
    init(_ config: Config) throws(ConfigError) {
        try config.allow(only: ["shift", "slide", "gain", "timeStripes", "binStripes"])
        shifts = try config.bool("shift", or: false)
        slide = try config.integer("slide", in: 0...1_000_000, or: 0)
        gain = Float(try config.number("gain", in: 0...1000, or: 0))
        timeStripes = try Stripes(config["timeStripes"])
        binStripes = try Stripes(config["binStripes"])
    }

    /// A changed copy of frames, [T, M].
    func callAsFunction(_ clip: Tensor, _ random: inout RandomSource) -> Tensor {
        let (frames, bins) = (clip.shape[0], clip.shape[1])
        guard frames > 0, bins > 0 else { return clip }
        let shift = shifts ? random.integer(below: frames) : 0
        let most = min(slide, frames - 1)
        let slid = most > 0 ? random.integer(below: 2 * most + 1) - most : 0
        let louder = gain > 0 ? random.uniform(in: -gain...gain) : 0
        return clip.read { source in
            Tensor(shape: clip.shape) { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                let moved = shift * bins
                (to + moved).initialize(from: from, count: source.count - moved)
                to.initialize(from: from + source.count - moved, count: moved)
                if slid != 0 { Self.slide(to, by: slid * bins, of: source.count, filling: source.min() ?? 0) }
                if louder != 0 { for index in target.indices { to[index] += louder } }
                let mean = Float(target.reduce(0.0) { $0 + Double($1) } / Double(target.count))
                for _ in 0..<timeStripes.count {
                    let stripe = timeStripes.draw(frames, &random)
                    for index in stripe.lowerBound * bins..<stripe.upperBound * bins { to[index] = mean }
                }
                for _ in 0..<binStripes.count {
                    let stripe = binStripes.draw(bins, &random)
                    for frame in 0..<frames {
                        for bin in stripe { to[frame * bins + bin] = mean }
                    }
                }
            }
        }
    }
}

extension SpecAugment {
    /// Moves `count` numbers along by so many places and fills the gap.
    private static func slide(_ numbers: UnsafeMutablePointer<Float>, by places: Int, of count: Int, filling: Float) {
        let kept = count - abs(places)
        if places > 0 {
            (numbers + places).update(from: numbers, count: kept)
            numbers.update(repeating: filling, count: places)
        } else {
            numbers.update(from: numbers - places, count: kept)
            (numbers + kept).update(repeating: filling, count: -places)
        }
    }
}

extension SpecAugment.Stripes {
    fileprivate init(_ config: Config?) throws(ConfigError) {
        guard let config else {
            self.init(count: 0, below: 1)
            return
        }
        try config.allow(only: ["count", "below"])
        self.init(
            count: try config.integer("count", in: 0...1000), below: try config.integer("below", in: 1...1_000_000))
    }

    /// A stripe of 0 up to `below` of `extent` places, never all of them.
    fileprivate func draw(_ extent: Int, _ random: inout RandomSource) -> Range<Int> {
        let width = min(random.integer(below: below), extent - 1)
        let start = random.integer(below: extent - width)
        return start..<start + width
    }
}
