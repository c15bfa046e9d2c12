import BinderyBinding
import BinderyLayers
import BinderyModalities
import BinderyPublished
import BinderyTensors
import TestSupport
import Testing

/// The states of single tokens, as language models and diffusion take them.
@Suite struct TokensTests {
    static let clip = TextReference("clip-hf")

    @Test(.enabled(if: clip != nil)) func statesAreThoseOfTheReference() throws {
        let reference = try #require(Self.clip)
        let space = try Model(at: reference.fixture.file("model"), modalities: Modalities.all).space
        let ids = try reference.ids()
        let texts = try reference.texts().prefix(4).map { Item.text($0) }
        let states = try space.tokens(texts, as: "text", layer: -2)
        #expect(states.map { $0.shape[0] } == [77, 77, 77, 77])
        let recorded = try reference.expected.tensor("text_hidden_2")
        for (index, states) in states.enumerated() {
            let count = ids[index].count
            let row = recorded.slice(axis: 0, index..<index + 1).slice(axis: 1, 0..<count)
            expectClose(
                states.slice(axis: 0, 0..<count).reshaped(row.shape), row, relative: 1e-4, "text \(index)")
        }
        #expect(throws: SpaceError.self) { try space.tokens(texts, as: "text", layer: 4) }
        #expect(throws: SpaceError.self) { try space.tokens(texts, as: "text", layer: -5) }
    }
}
