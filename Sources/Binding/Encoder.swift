public import BinderyLayers
public import BinderyTensors

/// What turns items of one modality into vectors.
///
/// Work splits where caching, threads and augmentation need it to split: `clips(of:)` decodes, resamples, tokenises and
/// computes features without parameters, on any thread; the call runs the network over a batch of such clips.
public protocol Encoder: Sendable {
    /// One network input: a window of log-mel frames, a list of token ids, a preprocessed picture.
    associatedtype Clip: Sendable

    /// The length of the vectors.
    var width: Int { get }

    /// The clips of an item, in order; more than one when the item is longer than what the network sees at once.
    ///
    /// Throws one sentence when the item cannot be read.
    func clips(of item: Item) throws -> Clips<Clip>

    /// One vector per clip: [clips, width].
    func callAsFunction(_ clips: [Clip], _ pass: Pass) -> Tensor

    /// A random change of a clip that `config` describes, for training; throws when it describes none of the encoder's.
    func augmentation(_ config: Config) throws -> Augmentation<Clip>

    /// How a clip is mixed with another one, for training; nil where clips cannot be.
    var mixing: ClipMixing<Clip>? { get }

    /// The length of an item in seconds, nil where items have no time axis; throws when it cannot be read.
    func duration(of item: Item) throws -> Double?

    /// What of an item the network does not take, in words ("103 of its 180 tokens"); nil when it takes all of it.
    func omission(of item: Item) throws -> String?

    /// The most clips that one batch of inference should hold.
    var batchLimit: Int { get }

    /// How many numbers a clip holds: batches of inference take clips of similar length together, and caches are
    /// bounded by it.
    func length(of clip: Clip) -> Int
}

/// A random change of a clip; equal random states give equal changes.
public typealias Augmentation<Clip> = @Sendable (Clip, inout RandomSource) -> Clip

/// A clip that shows two: all but `share` of the first, and `share` of the other.
public typealias ClipMixing<Clip> = @Sendable (Clip, _ other: Clip, _ share: Float) -> Clip

extension Encoder {
    /// Clips cannot be mixed unless the encoder says how.
    public var mixing: ClipMixing<Clip>? { nil }

    /// No augmentation unless the encoder says otherwise.
    public func augmentation(_ config: Config) throws -> Augmentation<Clip> {
        try config.allow(only: [])
        return { clip, _ in clip }
    }

    /// No time axis.
    public func duration(of item: Item) throws -> Double? { nil }

    /// Nothing is left out.
    public func omission(of item: Item) throws -> String? { nil }

    /// 32 clips.
    public var batchLimit: Int { 32 }
}

extension Encoder where Clip == Tensor {
    /// The numbers in the tensor.
    public func length(of clip: Tensor) -> Int { clip.count }
}

/// The clips of one item, made one after the other, so that an hour of sound never lies in memory at once.
public struct Clips<Clip: Sendable>: Sendable {
    /// One clip and the part of the item it shows, in seconds where the item has a time axis.
    public struct Piece: Sendable {
        /// The network's input.
        public let clip: Clip
        /// The part of the item it shows, in seconds.
        public let range: Range<Double>?

        /// A clip of the whole item, or of a part of it.
        public init(_ clip: Clip, range: Range<Double>? = nil) {
            self.clip = clip
            self.range = range
        }
    }

    private var ready: ArraySlice<Piece>
    private let make: (@Sendable () throws -> Piece?)?

    /// The item is one clip.
    public init(_ clip: Clip) { self.init([Piece(clip)]) }

    /// All clips are at hand.
    public init(_ pieces: [Piece]) {
        ready = pieces[...]
        make = nil
    }

    /// `next` makes one clip after the other until it returns nil.
    public init(next make: @escaping @Sendable () throws -> Piece?) {
        ready = []
        self.make = make
    }

    /// The next clip, nil after the last.
    public mutating func next() throws -> Piece? {
        if let make { return try make() }
        return ready.popFirst()
    }

    /// Up to `count` further clips.
    public mutating func next(_ count: Int) throws -> [Piece] {
        var pieces: [Piece] = []
        while pieces.count < count, let piece = try next() { pieces.append(piece) }
        return pieces
    }
}
