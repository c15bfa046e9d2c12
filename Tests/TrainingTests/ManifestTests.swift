import BinderyBinding
import BinderyTraining
import Foundation
import TestSupport
import Testing

@Suite struct ManifestTests {
    @Test(arguments: [
        "path,label\na.wav,dog\nb.wav,cat\n", "path,label\r\na.wav,dog\r\nb.wav,cat\r\n",
        "path,label\ra.wav,dog\rb.wav,cat", "\u{FEFF}path,label\na.wav,dog\n\n\n  \nb.wav,cat\n\n",
        "\n\npath\tlabel\na.wav\tdog\n\r\nb.wav\tcat", "\"path\",\"label\"\n\"a.wav\",\"dog\"\n\"b.wav\",cat",
        "\u{FEFF}\"path\",label\na.wav,\"dog\"\nb.wav,\"cat\"", "path, label\na.wav, dog\nb.wav ,\tcat \n",
        "path;label\na.wav;dog\nb.wav; \"cat\" \n", " path \t label\r\na.wav\tdog \r\n b.wav\tcat\r\n",
    ])
    func readsEveryLineEnd(_ text: String) throws {
        let manifest = try read(text)
        #expect(manifest.columns == ["path", "label"])
        #expect(manifest.count == 2)
        #expect(try manifest["path"] == ["a.wav", "b.wav"])
        #expect(try manifest["label"] == ["dog", "cat"])
    }

    @Test func readsQuotedCells() throws {
        let manifest = try read(
            "path,caption,note\na.wav,\"he said \"\"stop\"\", twice\r\nand\nleft\",\"\"\n"
                + "b.wav,\"a\u{0}b 🐕‍🦺 ñ\",5\" disc\n\"\",\"\"\"\",\n")
        #expect(manifest.count == 3)
        #expect(
            try manifest["caption"] == ["he said \"stop\", twice\r\nand\nleft", "a\u{0}b 🐕‍🦺 ñ", "\""])
        #expect(try manifest["note"] == ["", "5\" disc", ""])
        #expect(try manifest["path"] == ["a.wav", "b.wav", ""])
        #expect((0..<3).map(manifest.line(of:)) == [2, 5, 6])
    }

    @Test func readsOneColumn() throws {
        let manifest = try read("caption\n\na dog\n\"\"\n\" \"\nrain\n")
        #expect(try manifest["caption"] == ["a dog", "", " ", "rain"])
    }

    @Test func takesTheSeparatorOfTheHeader() throws {
        #expect(try read("path\tcaption, long\na\tone, two\n")["caption, long"] == ["one, two"])
        #expect(try read("\"a\tb\tc\",d\n1,2\n")["d"] == ["2"])
        #expect(try read("path,labels\na,one;two\n")["labels"] == ["one;two"])
        #expect(try read("path;size\na,b;1,5\n")["size"] == ["1,5"])
    }

    @Test func keepsBlanksInsideQuotesAlone() throws {
        #expect(try read("a,b\n\" x \" ,  y z \n")["a"] == [" x "])
        #expect(try read("a,b\n\" x \" ,  y z \n")["b"] == ["y z"])
        #expect(try read("a\tb\n\t y\n")["a"] == [""])
    }

    @Test func keepsEveryBlankOfTexts() throws {
        let table = try read("caption,label\n a dog \t, dog\n\"  rain\" ,rain\n  \n")
        #expect(table.count == 2)
        #expect(try table.texts("caption") == [" a dog \t", "  rain"])
        #expect(try table["caption"] == ["a dog", "  rain"])
        #expect(try table.items("caption", as: "text") == [.text(" a dog \t"), .text("  rain")])
        #expect(try read("caption\n\n   \n rain\n").texts("caption") == ["   ", " rain"])
    }

    @Test func namesTheLinesOfEmptyCells() throws {
        let error = #expect(throws: ManifestError.self) { try read("path,label\na,dog\nb,\nc, \n").words("label") }
        #expect(error?.problem == .emptyCells("label", lines: [3, 4], count: 2))
    }

    @Test func keepsAHeaderWithoutRows() throws {
        let manifest = try read("path,label")
        #expect(manifest.count == 0)
        #expect(try manifest["label"] == [])
    }

    @Test(arguments: [
        ("", ManifestError.Problem.noHeader), ("\n \n\r\n", .noHeader), ("\u{FEFF}", .noHeader),
        ("a,b\n\"x,1\ny,2\n", .openQuote(line: 2)), ("a,b\nx,1\ny,\"", .openQuote(line: 3)),
        ("a,b\n\"x\"y,1\n", .afterQuote(line: 2)), ("a,b\n\"\nx\" y,1\n", .afterQuote(line: 3)),
        ("a,b,a,b,c\n1,2,3,4,5\n", .duplicateColumns(["a", "b"])),
        (
            "a,b\n1,2\n1\n\"1\n2\",3,4\n1,2\n",
            .ragged(rows: [.init(line: 3, cells: 1), .init(line: 4, cells: 3)], count: 2, expected: 2)
        ),
    ])
    func refuses(_ text: String, _ problem: ManifestError.Problem) {
        let error = #expect(throws: ManifestError.self) { try read(text) }
        #expect(error?.problem == problem)
        #expect(error?.description.hasPrefix("/data/m.csv: ") == true)
    }

    @Test func allowsColumnsWithoutNames() throws {
        #expect(try read(",path,,\n0,a.wav,,\n")["path"] == ["a.wav"])
    }

    @Test func countsManyRaggedRows() {
        let text = "a,b\n" + String(repeating: "1\n", count: 1000)
        let error = #expect(throws: ManifestError.self) { try read(text) }
        #expect(
            error?.description
                == "/data/m.csv: line 2 has 1 cells, line 3 has 1 cells, line 4 has 1 cells, line 5 has 1 cells, "
                + "line 6 has 1 cells and 995 more where the header has 2; quote cells that contain the separator")
    }

    @Test func namesTheLineThatIsNotUTF8() {
        let bytes = Array("a,b\n1,2\n1,".utf8) + [0xE9, 0x0A] + Array("1,2\n".utf8)
        let error = #expect(throws: ManifestError.self) { try Manifest(bytes, at: place) }
        #expect(error?.problem == .notUTF8(line: 3))
    }

    @Test func namesTheColumnsThatExist() throws {
        let manifest = try read("path,caption,label\n")
        let error = #expect(throws: ManifestError.self) { try manifest["captoin"] }
        #expect(
            error?.description
                == "/data/m.csv: has no column captoin, did you mean caption? its columns are path, caption, label")
    }

    @Test func refusesAFolderAndAMissingFile() throws {
        let scratch = try Scratch()
        for url in [scratch.url, scratch.url.appending(path: "no.csv")] {
            #expect(throws: ManifestError.self) { try Manifest(contentsOf: url) }
        }
    }

    @Test func survivesEveryTruncation() throws {
        let bytes = Array("\u{FEFF}a,\"b\r\nc\"\r\n\"🐕\"\"\",x\n\n\"\",\"\"\r1,2".utf8)
        for count in 0...bytes.count { _ = try? Manifest(Array(bytes[..<count]), at: place) }
        for index in bytes.indices {
            for byte in [UInt8(0), 0x0A, 0x0D, 0x22, 0x2C, 0x09, 0xFF] {
                var changed = bytes
                changed[index] = byte
                if let manifest = try? Manifest(changed, at: place) {
                    for column in manifest.columns { #expect(try manifest[column].count == manifest.count) }
                }
            }
        }
    }

    @Test func readsARealManifest() throws {
        guard let data = Fixture(shared: "data") else { return }
        let esc10 = try Manifest(contentsOf: data.file("esc10/train.csv"))
        #expect(esc10.columns == ["path", "label", "caption", "fold"])
        #expect(esc10.count == 240)
        let digits = try Manifest(contentsOf: data.file("digits/train_image_text.csv"))
        let paths = try digits.paths("path")
        #expect(paths.count == 10_000)
        #expect(paths[7].item == 7)
    }
}

let place = URL(filePath: "/data/m.csv")

func read(_ text: String) throws(ManifestError) -> Manifest { try Manifest(Array(text.utf8), at: place) }
