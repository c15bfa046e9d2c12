import BinderyBinding
import BinderyEvaluation
import BinderyTensors
import Foundation
import Testing

@Suite struct ArithmeticTests {
    @Test func addsAndTakesAway() throws {
        let space = try Letters.space()
        let rows = try space.embed([.text("a")], as: "text")
        let question = Arithmetic([
            .init(.text("b"), as: "text"), .init(.file(.init(filePath: "/c.wav")), as: "audio"),
            .init(.text("a"), as: "text", isNegative: true),
        ])
        let found = try question(rows, in: space).values
        let half = Float(0.5).squareRoot()
        for (value, expected) in zip(found, [0, half, half, 0, 0, 0, 0, 0]) { #expect(abs(value - expected) < 1e-6) }
        #expect(question.words(for: "a") == "a + b + /c.wav − a")
        #expect(try Arithmetic([])(rows, in: space).values == rows.values)
    }

    @Test func itsOwnPartsAreNoAnswers() {
        let question = Arithmetic([.init(.text("b"), as: "text")])
        let row = Item.file(.init(filePath: "/a.wav"))
        #expect(question.asks(with: .text("b"), as: "text", row: row, of: "audio"))
        #expect(question.asks(with: row, as: "audio", row: row, of: "audio"))
        #expect(!question.asks(with: .text("c"), as: "text", row: row, of: "audio"))
        #expect(!question.asks(with: row, as: "image", row: row, of: "audio"))
    }

    @Test func refusesWhatCancelsOut() throws {
        let space = try Letters.space()
        let question = Arithmetic([.init(.text("a"), as: "text", isNegative: true)])
        #expect(throws: SpaceError.self) { try question(space.embed([.text("a")], as: "text"), in: space) }
    }
}
