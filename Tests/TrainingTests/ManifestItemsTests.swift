import BinderyBinding
import BinderyTraining
import Foundation
import Testing

@Suite struct ManifestItemsTests {
    @Test func readsTextsAndFiles() throws {
        let scratch = try Scratch()
        try scratch.write("a.npy")
        let manifest = try scratch.manifest("path,caption,from,to\na.npy,a dog,,\na.npy#3,,1,2\n")
        #expect(try manifest.items("caption", as: "text") == [.text("a dog"), .text("")])
        let url = scratch.url.appending(path: "a.npy")
        let items = try manifest.items("path", as: "imu", times: ("from", "to"))
        #expect(items.map(\.name) == [url.path, "\(url.path)#3"])
        #expect(items.map(\.range) == [nil, 1..<2])
    }

    @Test func selectsRows() throws {
        let manifest = try read("label,fold\ndog,1\ncat,2\n\"\",3\ndog,3\ncat,1\n")
        var rows = Recipe.Data.Rows()
        #expect(try manifest.selecting(rows).count == 5)
        rows.matching = ["fold": ["1", "3"]]
        #expect(try manifest.selecting(rows)["label"] == ["dog", "", "dog", "cat"])
        rows.except = ["label": ["", "cat"]]
        let both = try manifest.selecting(rows)
        #expect(try both["fold"] == ["1", "3"])
        #expect((0..<2).map(both.line(of:)) == [2, 5])
        rows.first = 1
        #expect(try manifest.selecting(rows)["label"] == ["dog"])
        rows.matching = ["fold": ["9"]]
        #expect(try manifest.selecting(rows).count == 0)
        rows.except = ["label": ["cta"]]
        let error = #expect(throws: ManifestError.self) { try manifest.selecting(rows) }
        #expect(error?.description.contains("did you mean cat?") == true)
        rows.except = ["lable": []]
        #expect(throws: ManifestError.self) { try manifest.selecting(rows) }
    }
}
