import BinderyLayers
import Foundation
import Testing

@Suite struct FingerprintTests {
    private func fingerprint(_ pieces: String...) -> Fingerprint {
        var hash = Fingerprint.Hash()
        for piece in pieces { hash.add(piece) }
        return hash.finish()
    }

    /// SHA-256 of nothing, and of the piece "abc" behind its length (3, seven zero bytes).
    @Test func isSHA256() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(fingerprint().description == nothing)
        #expect(fingerprint().short == "e3b0c44298fc")
        #expect(fingerprint("abc").description == "ce91dc5eec0139adf091900d225971d6ad246a845bad791b5693a9d0d55dd391")
    }

    @Test func boundariesCount() {
        #expect(fingerprint("ab", "c") != fingerprint("a", "bc"))
        #expect(fingerprint("ab") != fingerprint("ab", ""))
        #expect(fingerprint("ab", "c") == fingerprint("ab", "c"))
    }

    @Test func finishingDoesNotEndIt() {
        var hash = Fingerprint.Hash()
        hash.add("a")
        let first = hash.finish()
        #expect(first == hash.finish() && first == fingerprint("a"))
        hash.add(Data("b".utf8))
        #expect(hash.finish() == fingerprint("a", "b"))
    }

    @Test func aFileIsAPiece() throws {
        let scratch = try Scratch()
        var hash = Fingerprint.Hash()
        try hash.add(contentsOf: scratch.file("a", Array("abc".utf8)))
        #expect(hash.finish() == fingerprint("abc"))
        #expect(throws: CheckpointError.self) { try hash.add(contentsOf: scratch.url.appending(path: "none")) }
    }

    @Test func isWrittenAsDigits() throws {
        let value = fingerprint("abc")
        #expect(Fingerprint(value.description) == value)
        #expect(Fingerprint(value.description.uppercased()) == value)
        #expect(try JSONDecoder().decode([Fingerprint].self, from: JSONEncoder().encode([value])) == [value])
        for bad in [
            "", "abc", String(repeating: "g", count: 64), String(repeating: "0", count: 63),
            String(repeating: "é", count: 32),
        ] {
            #expect(Fingerprint(bad) == nil)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode([Fingerprint].self, from: JSONEncoder().encode([bad]))
            }
        }
    }
}
