public import BinderyBinding
public import BinderyLayers
public import BinderyTensors
import Foundation

/// The mean of a text's word vectors: the continuous bag of words (Mikolov and others 2013) that CLIP's paper names
/// beside the Transformer.
///
/// A clip is the list of the known words' rows; `B` texts, `D` width. Words are runs of letters, digits and marks, with
/// apostrophes and hyphens inside. One is looked up as it stands, then in small letters, then part by part; one that
/// is still unknown counts for nothing. A text without a known word is the table's last row.
public struct WordBag: Encoder {
    private let words: Vocabulary
    private let table: Embedding
    private let unknown: Int

    /// The length of the vectors.
    public let width: Int

    /// Table `words` below `scope`: a row for each word of the list and one for texts without a known word.
    init(_ words: Vocabulary, count: Int, width: Int, _ scope: Scope) {
        self.words = words
        self.width = width
        unknown = count
        table = Embedding(scope["words"], rows: count + 1, width: width)
    }

    /// The rows of a text's words; throws when the item is no text.
    public func clips(of item: Item) throws -> Clips<[Int]> {
        let rows = rows(of: try TextError.text(of: item))
        return Clips(rows.isEmpty ? [unknown] : rows)
    }

    /// The number of known words.
    public func length(of clip: [Int]) -> Int { clip.count }

    /// Bags are small.
    public var batchLimit: Int { 256 }

    /// The mean of the rows of each text: [B, width].
    public func callAsFunction(_ clips: [[Int]], _ pass: Pass) -> Tensor {
        let rows = TextRows(clips, padding: unknown)
        let vectors = table(rows.ids).reshaped([rows.count, rows.length, width])
        return rows.weights.matmul(vectors).reshaped([rows.count, width])
    }

    private func rows(of text: String) -> [Int] {
        let scalars = Array(text.unicodeScalars).normalized(.nfc)
        return WordBag.words(in: scalars[...], joined: true).flatMap { word -> [Int] in
            if let row = row(of: scalars[word]) { return [row] }
            return WordBag.words(in: scalars[word], joined: false).compactMap { row(of: scalars[$0]) }
        }
    }

    private func row(of word: ArraySlice<Unicode.Scalar>) -> Int? {
        let word = Array(word)
        return words.id(of: word.utf8) ?? words.id(of: word.lowercased().utf8)
    }

    /// Runs of word characters; when `joined`, an apostrophe or a hyphen between two of them does not end a run.
    private static func words(in text: ArraySlice<Unicode.Scalar>, joined: Bool) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start: Int?
        for index in text.indices {
            let scalar = text[index]
            let joins =
                joined && (scalar == "'" || scalar == "-") && index + 1 < text.endIndex
                && text[index + 1].isWordCharacter
            if scalar.isWordCharacter || start != nil && joins {
                start = start ?? index
            } else if let first = start {
                found.append(first..<index)
                start = nil
            }
        }
        return found + (start.map { [$0..<text.endIndex] } ?? [])
    }
}
