import BinderyTraining
import Foundation
import Testing

@Suite struct ManifestPathsTests {
    @Test func startsFromTheFolderOfTheFile() throws {
        let scratch = try Scratch()
        try scratch.write("sounds/a.wav")
        try scratch.write("b #3.wav")
        let outside = scratch.url.appending(path: "sounds/a.wav").path
        let manifest = try scratch.manifest("path\nsounds/a.wav\nsounds/../b #3.wav\n\(outside)\n")
        let paths = try manifest.paths("path")
        #expect(paths.map(\.url.lastPathComponent) == ["a.wav", "b #3.wav", "a.wav"])
        #expect(paths.map(\.item) == [nil, nil, nil])
        #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0.url.path) })
    }

    @Test func readsItemNumbers() throws {
        let scratch = try Scratch()
        try scratch.write("digits.gz")
        try scratch.write("odd#7")
        let manifest = try scratch.manifest("path\ndigits.gz#0\ndigits.gz#17\nodd#7\nodd#7#2\n")
        let paths = try manifest.paths("path")
        #expect(paths.map(\.item) == [0, 17, nil, 2])
        #expect(paths.map(\.url.lastPathComponent) == ["digits.gz", "digits.gz", "odd#7", "odd#7"])
    }

    @Test func namesAllMissingFilesAtOnce() throws {
        let scratch = try Scratch()
        try scratch.write("a.wav")
        let manifest = try scratch.manifest(
            "path,n\nx.wav,1\na.wav,2\n,3\n.,4\na.wav#-1,5\na.wav#99999999999999999999,6\n\"a\u{0}\",7\n")
        let error = #expect(throws: ManifestError.self) { try manifest.paths("path") }
        #expect(
            error?.problem
                == .missingFiles(
                    [
                        .init(line: 2, text: "x.wav"), .init(line: 4, text: ""), .init(line: 5, text: "."),
                        .init(line: 6, text: "a.wav#-1"), .init(line: 7, text: "a.wav#99999999999999999999"),
                    ], count: 6))
        #expect(error?.description.contains("6 of its files are not there: x.wav (line 2), an empty cell") == true)
    }

    @Test func readsTimes() throws {
        let scratch = try Scratch()
        try scratch.write("a.wav")
        let manifest = try scratch.manifest("path,from,to\na.wav,0.5,2\na.wav,,\na.wav,1e1,20\n")
        let paths = try manifest.paths("path", times: ("from", "to"))
        #expect(paths.map(\.range) == [0.5..<2, nil, 10..<20])
    }

    @Test func refusesTimesThatAreNone() throws {
        let scratch = try Scratch()
        try scratch.write("a.wav")
        let manifest = try scratch.manifest(
            "path,from,to\na.wav,2,1\na.wav,1,\na.wav,nan,2\na.wav,-1,2\na.wav,1,inf\na.wav,x,2\n")
        let error = #expect(throws: ManifestError.self) { try manifest.paths("path", times: ("from", "to")) }
        guard case .wrongTimes(let cells, let count) = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(count == 6)
        #expect(cells.first == .init(line: 2, text: "2 to 1"))
    }
}
