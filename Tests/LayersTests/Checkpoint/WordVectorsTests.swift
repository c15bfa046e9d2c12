import BinderyLayers
import BinderyTensors
import Foundation
import Testing

@Suite struct WordVectorsTests {
    private func read(_ text: String) throws -> WordVectors {
        let scratch = try Scratch()
        return try WordVectors(contentsOf: scratch.file("words.vec", Array(text.utf8)))
    }

    @Test(arguments: [
        "2 3\nthe 0.5 -1 2e-3\ncat -.25 12.125 0\n",  // word2vec, FastText
        "the 0.5 -1 2e-3\ncat -.25 12.125 0",  // GloVe
        "2 3\r\nthe\t0.5\t-1\t2e-3 \r\n\r\ncat -.25 12.125 0\r\n",
    ])
    func forms(text: String) throws {
        let vectors = try read(text)
        #expect(vectors.words == ["the", "cat"])
        #expect(vectors.width == 3)
        let table = try vectors.checkpoint.tensor("vectors")
        #expect(table.shape == [3, 3])
        #expect(table.values == [0.5, -1, 2e-3, -0.25, 12.125, 0, 0, 0, 0])
    }

    /// GloVe's largest file has them.
    @Test func wordsMayHoldSpaces() throws {
        #expect(try read("a 1 2\n. . . 3 4\n").words == ["a", ". . ."])
    }

    @Test func numbersAreThoseOfTheLibrary() throws {
        let numbers = (1...500).map { Float(sin(Double($0)) * pow(10, Double($0 % 9) - 6)) }
        let table = try read("w " + numbers.map(\.description).joined(separator: " ")).checkpoint.tensor("vectors")
        #expect(Array(table.values.prefix(500)) == numbers)
    }

    @Test func manyLinesKeepTheirOrder() throws {
        let vectors = try read((0..<20_000).map { "w\($0) \($0) 1\n" }.joined())
        #expect(vectors.words == (0..<20_000).map { "w\($0)" })
        #expect(try vectors.checkpoint.tensor("vectors").slice(axis: 0, 19_999..<20_000).values == [19_999, 1])
    }

    @Test(arguments: [
        ("\n\n", "empty"), ("word\n", "line 1 "), ("a 1 2\nb 1\n", "line 2 is not a word with 2 numbers"),
        ("2 2\na 1 2\nb 1 x\n", "line 3 is not"), ("a 1 nan\n", "line 1 is not"), ("a 1 1e99\n", "line 1 is not"),
        ("9 60000\na 1\n", "line 2 has more numbers"),
    ])
    func refusals(text: String, complaint: String) throws {
        let error = try #require(throws: CheckpointError.self) { try read(text) }
        #expect(error.description.contains(complaint), "\(error.description)")
    }
}
