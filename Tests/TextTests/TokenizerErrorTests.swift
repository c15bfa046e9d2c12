import BinderyText
import Foundation
import Testing

/// Files that lie, end early or ask for the impossible: one sentence, never a trap.
@Suite struct TokenizerErrorTests {
    private func refusal(_ json: String) -> String? {
        do {
            _ = try Tokenizer(json: Data(json.utf8), name: "t.json")
            return nil
        } catch { return "\(error)" }
    }

    private func model(_ text: String) -> String { "{\"model\":\(text)}" }

    @Test(arguments: [
        ("", "the text ends where a value should be"),
        ("{", "a name is missing"),
        ("[]", "it is not a JSON object"),
        ("{\"model\":{}} x", "text after the end"),
        ("{\"model\"}", "a colon is missing"),
        ("{\"a\":1 \"b\":2}", "a comma is missing"),
        ("{\"a\":\"unfinished", "ends inside a string"),
        ("{\"a\":\"\\", "ends inside a string"),
        ("{\"a\":tru}", "an unknown word"),
        ("{\"a\":\u{1}}", "not a JSON value"),
        ("{}", "it has no model"),
        ("{\"model\":{\"type\":\"Markov\"}}", "a model of type Markov, which Bindery does not have"),
    ])
    func malformed(json: String, complaint: String) throws {
        let sentence = try #require(refusal(json))
        #expect(sentence.contains(complaint), "\(sentence)")
        #expect(sentence.hasPrefix("t.json"))
    }

    @Test func deepNestingIsRefused() throws {
        let deep = String(repeating: "[", count: 5_000_000)
        #expect(try #require(refusal(deep)).contains("nesting deeper than 64"))
        let objects = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(try #require(refusal(objects)).contains("nesting deeper than 64"))
    }

    @Test func hugeFilesAreRefused() {
        #expect(throws: TokenizerError.tooLarge(file: "t.json", bytes: 64 << 20 + 1, limit: 64 << 20)) {
            try Tokenizer(json: Data(count: 64 << 20 + 1), name: "t.json")
        }
    }

    @Test func manyValuesAreRefused() throws {
        let zeros = String(repeating: "0,", count: 8_000_001)
        #expect(try #require(refusal("[\(zeros)0]")).contains("more than 8000000 values"))
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: TokenizerError.malformed(file: "t.json", what: "not UTF-8", offset: 0)) {
            try Tokenizer(json: Data([0x7B, 0xFF, 0x7D]), name: "t.json")
        }
    }

    @Test(arguments: [
        (#"{"type":"WordPiece","vocab":[]}"#, "model.vocab is not an object"),
        (#"{"type":"WordPiece","vocab":{}}"#, "model.vocab is empty"),
        (#"{"type":"WordPiece","vocab":{"a":-1}}"#, "the id of \"a\""),
        (#"{"type":"WordPiece","vocab":{"a":4000000000}}"#, "the id of \"a\""),
        (#"{"type":"WordPiece","vocab":{"a":1.5}}"#, "the id of \"a\""),
        (#"{"type":"WordPiece","vocab":{"a":0}}"#, "[UNK] is not in the vocabulary"),
        (#"{"type":"BPE","vocab":{"a":0}}"#, "model.merges is missing"),
        (#"{"type":"BPE","vocab":{"a":0},"merges":["a"]}"#, "merge 0 is not a pair"),
        (#"{"type":"BPE","vocab":{"a":0},"merges":["a b"]}"#, "merge 0 (\"a b\") is not in the vocabulary"),
        (#"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#, "is not a pair"),
        (#"{"type":"BPE","vocab":{"a":0},"merges":[],"continuing_subword_prefix":"@@"}"#, "continuing_subword_prefix"),
        (#"{"type":"Unigram","vocab":[]}"#, "model.vocab is not a list"),
        (#"{"type":"Unigram","vocab":[["a",0]],"unk_id":7}"#, "unk_id is missing or not in the vocabulary"),
        (#"{"type":"Unigram","vocab":[["a","b"]],"unk_id":0}"#, "entry 0 of model.vocab"),
        (#"{"type":"Unigram","vocab":[["a",1e999]],"unk_id":0}"#, "entry 0 of model.vocab"),
    ])
    func models(json: String, complaint: String) throws {
        let sentence = try #require(refusal(model(json)))
        #expect(sentence.contains(complaint), "\(sentence)")
    }

    @Test(arguments: [
        (#""normalizer":{"type":"Rot13"}"#, "the normalizer Rot13"),
        (#""normalizer":{"type":"Sequence"}"#, "a Sequence has no normalizers"),
        (#""normalizer":{"type":"Replace","pattern":{"Regex":"(a+)+b"},"content":""}"#, "the pattern \"(a+)+b\""),
        (#""normalizer":{"type":"Precompiled","precompiled_charsmap":"/////w=="}"#, "precompiled_charsmap is damaged"),
        (#""pre_tokenizer":{"type":"Scissors"}"#, "the pre-tokenizer Scissors"),
        (#""pre_tokenizer":{"type":"Metaspace","prepend_scheme":"now and then"}"#, "prepend_scheme"),
        (#""post_processor":{"type":"RobertaProcessing"}"#, "cls or sep"),
        (#""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[X]"}}]}"#, "template"),
        (#""added_tokens":[{"content":"a"}]"#, "an added token lacks"),
        (#""added_tokens":{}"#, "added_tokens is not a list"),
    ])
    func steps(section: String, complaint: String) throws {
        let sentence = try #require(
            refusal(#"{"model":{"type":"WordPiece","vocab":{"[UNK]":0}},\#(section)}"#))
        #expect(sentence.contains(complaint), "\(sentence)")
    }

    @Test func damagedSentencePieceModelsAreRefused() {
        for bytes in [
            [], [0x0A], [0x0A, 0xFF, 0x01], [0x0B], [0xFF] + [UInt8](repeating: 0xFF, count: 12),
            [0x12, 0x02, 0x18, 0x02],
        ]
            as [[UInt8]]
        {
            #expect(throws: TokenizerError.self) { try Tokenizer.sigLIP(model: Data(bytes)) }
        }
    }

    @Test func damagedMergesAreRefused() {
        #expect(throws: TokenizerError.self) { try Tokenizer.clip(merges: Data("a b c\n".utf8), .openAI) }
        #expect(throws: TokenizerError.self) { try Tokenizer.clip(merges: Data("ab\n".utf8), .openAI) }
        #expect(throws: TokenizerError.self) { try Tokenizer.clip(merges: Data([0x1F, 0x8B, 8, 0, 0]), .openAI) }
        #expect(throws: TokenizerError.self) { try Tokenizer.wordPiece(vocabulary: Data()) }
    }
}
