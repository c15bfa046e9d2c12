import Foundation
import TestSupport
import Testing

@testable import BinderyText

/// Tiny tokenizers of every kind, trained by Tests/Goldens/text.py, against what the references make of awkward strings.
@Suite struct GoldenTests {
    struct Expected {
        let strings: [String]
        private let all: [String: Any]

        init() throws {
            let data = try Data(contentsOf: Fixture.golden("text/expected.json"))
            all = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            strings = try #require(all["strings"] as? [String])
        }

        func ids(_ name: String) throws -> [[Int]] { try #require(all[name] as? [[Int]]) }
        func texts(_ name: String) throws -> [String] { try #require(all[name] as? [String]) }
    }

    private func file(_ name: String) throws -> Data { try Data(contentsOf: Fixture.golden("text/\(name)")) }

    private func check(_ tokenizer: Tokenizer, _ name: String) throws {
        let expected = try Expected()
        let rows = try expected.ids(name)
        #expect(rows.count == expected.strings.count)
        for (text, ids) in zip(expected.strings, rows) {
            #expect(tokenizer.encode(text) == ids, "\(name): \(text.debugDescription)")
        }
    }

    @Test(arguments: ["wordpiece", "bytelevel", "fallback", "unigram"])
    func json(name: String) throws {
        let tokenizer = try Tokenizer(json: file("\(name).json"), name: name)
        try check(tokenizer, name)
        let expected = try Expected()
        let pair = try expected.ids("\(name)-pair")
        let found = tokenizer.encode(expected.strings[2], and: expected.strings[4])
        #expect(found.ids == pair[0])
        #expect(found.types == pair[1])
    }

    @Test(arguments: ["wordpiece", "bytelevel", "unigram"])
    func decoding(name: String) throws {
        let tokenizer = try Tokenizer(json: file("\(name).json"), name: name)
        let expected = try Expected()
        for (ids, text) in zip(try expected.ids(name), try expected.texts("\(name)-decoded")) {
            #expect(Array(tokenizer.decode(ids).unicodeScalars) == Array(text.unicodeScalars), "\(name): \(ids)")
        }
    }

    @Test func vocabularyLines() throws {
        try check(.wordPiece(vocabulary: file("vocab.txt")), "wordpiece")
    }

    @Test(arguments: CLIPCleaning.allCases)
    func clip(cleaning: CLIPCleaning) throws {
        try check(.clip(merges: file("merges.txt"), cleaning), "clip-\(cleaning.rawValue)")
    }

    /// A folder may hold CLIP's merges in its tokenizer.json alone.
    @Test func clipFromJSON() throws {
        let lines = try String(decoding: file("merges.txt"), as: UTF8.self).split(separator: "\n").dropFirst()
        for merges in [lines.map { [String($0)] }, lines.map { $0.split(separator: " ").map(String.init) }] {
            let list: Any = merges[0].count == 1 ? merges.map { $0[0] } : merges
            let json = try JSONSerialization.data(withJSONObject: ["model": ["type": "BPE", "merges": list]])
            try check(.clip(json: json, .openAI), "clip-openAI")
        }
    }

    @Test func sigLIP() throws {
        try check(.sigLIP(model: file("spiece.model")), "siglip")
    }

    @Test func repair() throws {
        let expected = try Expected()
        for (text, repaired) in zip(expected.strings, try expected.texts("repaired")) {
            #expect(TextRepair.repair(Array(text.unicodeScalars)) == Array(repaired.unicodeScalars))
        }
    }

    @Test func characterReferences() throws {
        let expected = try Expected()
        for (text, plain) in zip(expected.strings, try expected.texts("unescaped")) {
            #expect(HTMLReferences.html5.unescape(Array(text.unicodeScalars)) == Array(plain.unicodeScalars))
        }
    }
}
