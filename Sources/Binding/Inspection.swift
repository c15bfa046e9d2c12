/// How a modality looks at things without a model: what its files are, what they say of themselves, and some made-up
/// things to try an encoder on.
public struct Inspection: Sendable {
    /// What can be said of a file in one number.
    public enum Fact: String, Sendable, CaseIterable {
        /// Samples per second.
        case rate
        case channels
        case seconds
        /// The largest sample; 0 is silence.
        case peak
        /// Pixels per row.
        case width
        /// Rows of pixels.
        case height
    }

    /// The ends of file names, in small letters.
    public let extensions: [String]
    /// Reads a file from start to end and says what it found; throws one sentence when it cannot be read.
    public let facts: @Sendable (Item) throws -> [Fact: Double]
    /// Things unlike each other, the same every time.
    public let specimens: @Sendable () -> [Item]

    /// A way to look.
    public init(
        extensions: [String] = [], facts: @escaping @Sendable (Item) throws -> [Fact: Double] = { _ in [:] },
        specimens: @escaping @Sendable () -> [Item]
    ) {
        self.extensions = extensions
        self.facts = facts
        self.specimens = specimens
    }
}
