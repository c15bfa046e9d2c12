import BinderyText
import Foundation
import TestSupport
import Testing

/// The original files of each kind, without a tokenizer.json.
@Suite struct TokenizerFilesTests {
    private func data(_ path: String) throws -> Data {
        try Data(contentsOf: #require(TokenizerTests.fixture).file(path))
    }

    @Test(.enabled(if: TokenizerTests.fixture != nil))
    func roberta() throws {
        let tokenizer = try Tokenizer.roberta(
            vocabulary: data("roberta/vocab.json"), merges: data("roberta/merges.txt"))
        try TokenizerTests.check(tokenizer, "roberta")
        #expect(tokenizer.padding == 1)
    }

    @Test(.enabled(if: TokenizerTests.fixture != nil))
    func gpt2() throws {
        try TokenizerTests.check(
            .gpt2(vocabulary: data("gpt2/vocab.json"), merges: data("gpt2/merges.txt")), "gpt2")
    }

    @Test(
        .enabled(if: TokenizerTests.fixture != nil),
        arguments: [("clip-hf", CLIPCleaning.huggingFace), ("clip-openai", .openAI), ("clip-openclip", .openCLIP)])
    func clip(name: String, cleaning: CLIPCleaning) throws {
        let tokenizer = try Tokenizer.clip(merges: data("../clip-hf/model/merges.txt"), cleaning)
        try TokenizerTests.check(tokenizer, name)
    }

    @Test(.enabled(if: TokenizerTests.fixture != nil))
    func clipWithItsOwnVocabulary() throws {
        let tokenizer = try Tokenizer.clip(
            vocabulary: data("../clip-hf/model/vocab.json"), merges: data("../clip-hf/model/merges.txt"))
        try TokenizerTests.check(tokenizer, "clip-hf")
    }

    /// Ids come from the vocabulary, not from the place of a merge.
    @Test func clipOfAnotherVocabulary() throws {
        let vocabulary = #"{"d": 4, "o": 7, "g</w>": 9, "do": 30, "<|startoftext|>": 40, "<|endoftext|>": 50}"#
        let tokenizer = try Tokenizer.clip(
            vocabulary: Data(vocabulary.utf8), merges: Data("#version: 0.2\nd o\n".utf8))
        #expect(tokenizer(["dog"], limit: 77).ids[0] == [40, 30, 9, 50])
        #expect(throws: TokenizerError.self) {
            try Tokenizer.clip(vocabulary: Data(#"{"a": 0}"#.utf8), merges: Data())
        }
    }

    /// null in the fixture means: the same as OpenAI's.
    @Test(.enabled(if: TokenizerTests.fixture != nil))
    func openCLIPWithItsContext() throws {
        let tokenizer = try Tokenizer.clip(merges: data("../clip-hf/model/merges.txt"), .openCLIP)
        for (text, ids) in try TokenizerTests.expected("clip-openclip-context77") {
            #expect(tokenizer([text], limit: 77).ids[0] == ids, "\(text.debugDescription)")
        }
    }

    @Test(.enabled(if: TokenizerTests.fixture != nil))
    func sigLIP() throws {
        try TokenizerTests.check(.sigLIP(model: data("../siglip-hf/model/spiece.model")), "siglip-spiece")
    }
}
