import BinderyText
import Foundation
import TestSupport
import Testing

/// Ids of 200 awkward strings against the reference tokenizers.
@Suite struct TokenizerTests {
    static let fixture = Fixture("tokenizers")

    /// The strings, and what the tokenizer called `name` makes of them; nil entries are left out.
    static func expected(_ name: String) throws -> [(text: String, ids: [Int])] {
        let fixture = try #require(fixture)
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/strings.json")))
        struct Ids: Decodable {
            var ids: [Int]?
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                ids = container.decodeNil() ? nil : try? container.decode([Int].self)
            }
        }
        let all = try JSONDecoder().decode([String: [Ids]].self, from: Data(contentsOf: fixture.file("expected.json")))
        let rows = try #require(all[name])
        return zip(texts, rows).compactMap { text, row in row.ids.map { (text, $0) } }
    }

    static func check(_ tokenizer: Tokenizer, _ name: String) throws {
        for (text, ids) in try expected(name) {
            #expect(tokenizer.encode(text) == ids, "\(name): \(text.debugDescription)")
        }
    }

    @Test(
        .enabled(if: fixture != nil),
        arguments: [
            ("bert-minilm", "bert-minilm"), ("roberta", "roberta"), ("gpt2", "gpt2"), ("unigram", "unigram"),
            ("clip-hf", "../clip-hf/model"),
        ])
    func json(name: String, folder: String) throws {
        let fixture = try #require(TokenizerTests.fixture)
        let data = try Data(contentsOf: fixture.file("\(folder)/tokenizer.json"))
        try TokenizerTests.check(Tokenizer(json: data), name)
    }

    @Test(.enabled(if: fixture != nil), arguments: ["roberta", "gpt2"])
    func decoding(name: String) throws {
        let fixture = try #require(TokenizerTests.fixture)
        let tokenizer = try Tokenizer(json: Data(contentsOf: fixture.file("\(name)/tokenizer.json")))
        struct Decoded: Decodable {
            var roberta, gpt2: [String]
            enum CodingKeys: String, CodingKey { case roberta = "roberta-decoded", gpt2 = "gpt2-decoded" }
        }
        let decoded = try JSONDecoder().decode(Decoded.self, from: Data(contentsOf: fixture.file("expected.json")))
        let texts = name == "gpt2" ? decoded.gpt2 : decoded.roberta
        for (entry, text) in zip(try TokenizerTests.expected(name), texts) {
            #expect(Array(tokenizer.decode(entry.ids).unicodeScalars) == Array(text.unicodeScalars))
        }
    }

    @Test(.enabled(if: fixture != nil))
    func pairs() throws {
        let fixture = try #require(TokenizerTests.fixture)
        let tokenizer = try Tokenizer(json: Data(contentsOf: fixture.file("bert-minilm/tokenizer.json")))
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: fixture.file("inputs/strings.json")))
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: fixture.file("expected.json")))
        let pairs = try #require((all as? [String: Any])?["bert-minilm-pair-with-next"] as? [[String: [Int]]])
        for (index, pair) in pairs.enumerated() {
            let found = tokenizer.encode(texts[2 * index], and: texts[2 * index + 1])
            #expect(found.ids == pair["ids"] && found.types == pair["type_ids"])
        }
    }
}
