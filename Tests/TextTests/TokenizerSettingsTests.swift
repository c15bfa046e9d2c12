import BinderyBinding
import BinderyLayers
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyText

/// What a `tokenizer_config.json` decides beside the file of the vocabulary.
@Suite struct TokenizerSettingsTests {
    private func golden(_ name: String) throws -> Data { try Data(contentsOf: Fixture.golden("text/\(name)")) }

    /// The ids of `texts` as a SigLIP of `kind` reads them, eight each.
    private func ids(_ kind: String, _ settings: String, of texts: [String] = ["the rain"]) throws -> [[Int]] {
        let name = kind == "siglip" ? "spiece.model" : "tokenizer.json"
        let assets = Assets([
            name: try golden(kind == "siglip" ? "spiece.model" : "fallback.json"),
            "tokenizer_config.json": Data(settings.utf8),
        ])
        let tower = JointSpace.Plan.Tower(
            encoder: "text/siglip",
            config: [
                "width": 8, "heads": 2, "layers": 0, "positions": 24, "padding": 2, "tokenizer": .text(kind),
            ])
        let space = try JointSpace(
            JointSpace.Plan(width: 8, towers: ["text": tower]), modalities: [.text], assets: ["text": assets])
        return try #require(space.tower("text").encoder as? TextTransformer).tokens(of: texts).ids
    }

    /// In the vocabularies `<pad>` is 0, what ends a text 1, and the unknown, which the encoder was told, 2.
    @Test(arguments: [
        ("siglip", #"{}"#, 1), ("siglip", #"{"pad_token":"<pad>"}"#, 0), ("siglip", #"{"pad_token":"nowhere"}"#, 1),
        ("siglip", #"{"pad_token":{"content":"<pad>","lstrip":false}}"#, 0), ("siglip2", #"{}"#, 2),
        ("siglip2", #"{"pad_token":"<eos>"}"#, 1), ("siglip2", #"{"pad_token":null}"#, 2),
        ("siglip2", #"{"pad_token":"<pad>"}"#, 0),
    ])
    func textsAreFilledUpWithTheTokenThatIsNamed(_ kind: String, _ settings: String, _ padding: Int) throws {
        let row = try ids(kind, settings)[0]
        #expect(row.count == 24 && row.last == padding && row.first != padding)
    }

    @Test(arguments: [
        ("siglip", #""tokenizer_class":"SiglipTokenizer""#, false), ("siglip", #""padding_side":"left""#, true),
        ("siglip2", #""tokenizer_class":"Siglip2Tokenizer""#, true),
        ("siglip2", #""tokenizer_class":"GemmaTokenizerFast""#, true),
        ("siglip2", #""tokenizer_class":"GemmaTokenizer","padding_side":"right""#, false),
        ("siglip2", #""tokenizer_class":"T5Tokenizer""#, false),
    ])
    func textsAreFilledUpOnTheSideThatIsNamed(_ kind: String, _ side: String, _ isLeft: Bool) throws {
        let row = try ids(kind, #"{"pad_token":"<pad>",\#(side)}"#)[0]
        let text = row.filter { $0 != 0 }
        let filling = [Int](repeating: 0, count: 24 - text.count)
        #expect(!text.isEmpty && !filling.isEmpty)
        #expect(row == (isLeft ? filling + text : text + filling))
    }

    @Test func lettersStayAsTheyAreWhereSmallOnesAreNotWanted() throws {
        let texts = ["The RAIN", "the rain"]
        let small = try ids("siglip", #"{"do_lower_case":true}"#, of: texts)
        let kept = try ids("siglip", #"{"do_lower_case":false}"#, of: texts)
        #expect(small[0] == small[1] && kept[0] != kept[1] && kept[1] == small[1])
    }

    private func tokenizer(_ kind: TokenizerKind, _ files: [String: String]) throws -> Tokenizer {
        try kind.read(Assets(files.mapValues { Data($0.utf8) }))
    }

    @Test func wordPieceBesideItsSettings() throws {
        let words = ["[UNK]", "[CLS]", "[SEP]", "café", "cafe", "Café", "日本", "日", "本"].joined(separator: "\n")
        func ids(_ settings: String) throws -> [Int] {
            let files = ["vocab.txt": words, "tokenizer_config.json": settings]
            return try tokenizer(.wordPiece, files).encode("Café 日本")
        }
        #expect(try ids(#"{"strip_accents":null}"#) == [1, 4, 7, 8, 2])
        #expect(try ids(#"{"strip_accents":false}"#) == [1, 3, 7, 8, 2])
        #expect(try ids(#"{"do_lower_case":false}"#) == [1, 5, 7, 8, 2])
        #expect(try ids(#"{"tokenize_chinese_chars":false}"#) == [1, 4, 6, 2])
    }

    @Test(arguments: [TokenizerKind.roberta, .gpt2]) func spacesBeforeTexts(_ kind: TokenizerKind) throws {
        var files = [
            "vocab.json": #"{"<s>":0,"</s>":1,"a":2,"\#u{120}":3,"\#u{120}a":4}"#,
            "merges.txt": "#version: 0.2\n\u{120} a\n",
        ]
        func text() throws -> [Int] { try tokenizer(kind, files).encode("a a").filter { $0 > 1 } }
        #expect(try text() == [2, 4])
        files["tokenizer_config.json"] = #"{"add_prefix_space":true}"#
        #expect(try text() == [4, 4])
    }
}
