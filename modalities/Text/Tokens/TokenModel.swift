/// What turns one piece of text into ids: WordPiece, byte pairs or a unigram model.
protocol TokenModel: Sendable {
    var vocabulary: Vocabulary { get }

    /// Appends the ids of one piece, which is never empty.
    func encode(_ piece: ArraySlice<Unicode.Scalar>, into ids: inout [Int])
}
