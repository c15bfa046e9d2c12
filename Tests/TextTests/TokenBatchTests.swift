import BinderyText
import Foundation
import TestSupport
import Testing

@Suite struct TokenBatchTests {
    private func tokenizer() throws -> Tokenizer {
        try Tokenizer(json: Data(contentsOf: Fixture.golden("text/wordpiece.json")))
    }

    @Test func truncationKeepsTheFrameAndIsReported() throws {
        let tokenizer = try tokenizer()
        let whole = tokenizer.encode("the sound of a red violin")
        let batch = tokenizer(["the sound of a red violin", "rain"], limit: 5)
        #expect(batch.ids[0] == Array(whole.prefix(4)) + [3])
        #expect(batch.truncated == [whole.count - 5, 0])
        #expect(batch.longest == 5)
    }

    @Test func withoutALimitNothingIsLost() throws {
        let batch = try tokenizer()(["", String(repeating: "rain ", count: 1000)])
        #expect(batch.ids[0] == [2, 3])
        #expect(batch.ids[1].count == 1002)
        #expect(batch.truncated == [0, 0])
    }

    @Test func paddingFillsRowsUp() {
        let batch = TokenBatch(ids: [[1, 2, 3], [4]])
        #expect(batch.padded(with: 0) == [1, 2, 3, 4, 0, 0])
        #expect(batch.padded(with: 9, to: 4) == [1, 2, 3, 9, 4, 9, 9, 9])
    }
}
