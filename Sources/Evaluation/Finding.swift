/// One thing that a check found.
public struct Finding: Codable, Hashable, Sendable {
    /// How bad it is.
    public enum Grade: String, Codable, Sendable {
        case good
        /// Worth a look.
        case doubtful
        /// Results cannot be right.
        case bad
    }

    /// How bad it is.
    public let grade: Grade
    /// What was looked at: a tower, a pair, a column.
    public let subject: String
    /// One sentence.
    public let sentence: String

    /// A finding.
    public init(_ grade: Grade, _ subject: String, _ sentence: String) {
        self.grade = grade
        self.subject = subject
        self.sentence = sentence
    }
}
