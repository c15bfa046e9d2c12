import BinderyBinding
import BinderyEvaluation
import Foundation
import TestSupport
import Testing

@testable import BinderyTraining

@Suite struct ManifestCheckupTests {
    /// Files of numbers, one to a file; 13 cannot be read.
    private static let numbers = Modality("number").inspected(
        by: Inspection(
            extensions: ["num"],
            facts: { item in
                guard case .file(let url) = item.source, let text = try? String(contentsOf: url, encoding: .utf8),
                    let number = Double(text), number != 13
                else { throw CocoaError(.fileReadCorruptFile) }
                return [.rate: number < 5 ? 8000 : 16000, .peak: number]
            }, specimens: { [] }))

    private func findings(_ table: String, _ files: [String: String]) throws -> [Finding] {
        let folder = try TemporaryFolder()
        for (name, text) in files { try Data(text.utf8).write(to: folder.file(name)) }
        try Data(table.utf8).write(to: folder.file("t.csv"))
        return try ManifestCheckup(Manifest(contentsOf: folder.file("t.csv")), [Self.numbers]).findings()
    }

    @Test func soundTablesAreGood() throws {
        let found = try findings("path,label\na.num,x\nb.num,y\n", ["a.num": "6", "b.num": "7"])
        #expect(found.allSatisfy { $0.grade == .good })
        #expect(found.contains { $0.sentence == "2 files, rate 16000, peak 6 to 7" })
    }

    @Test func everyTroubleIsNamed() throws {
        let found = try findings(
            "path,label\na.num,x\nb.num,x\nc.num,y\nd.num,y\ne.num,y\na.num,x\n",
            ["a.num": "1", "b.num": "1", "c.num": "0", "d.num": "13", "f.num": "9"])
        func has(_ grade: Finding.Grade, _ words: String) -> Bool {
            found.contains { $0.grade == grade && $0.sentence.contains(words) }
        }
        #expect(has(.doubtful, "lines 2 and 7"))
        #expect(has(.doubtful, "a.num (line 2) and b.num (line 3)"))
        #expect(has(.doubtful, "silent, as c.num (line 4)"))
        #expect(has(.bad, "line 5"))
        #expect(has(.bad, "\"e.num\""))
    }

    @Test func columnsThatOnlyLookLikePathsAreDoubtful() throws {
        let found = try findings("path,source\na.num,z.num\n", ["a.num": "6"])
        #expect(found.contains { $0.subject == "source" && $0.grade == .doubtful })
        #expect(!found.contains { $0.grade == .bad })
        let mixed = try findings("path\na.num\nb.num\n", ["a.num": "1", "b.num": "7"])
        #expect(mixed.contains { $0.grade == .doubtful && $0.sentence.contains("rate 8000 to 16000") })
    }
}
