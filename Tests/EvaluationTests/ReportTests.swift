import BinderyEvaluation
import Foundation
import Testing

@Suite struct ReportTests {
    private func page(_ content: Report.Content, in folder: URL? = nil) -> String {
        Report(
            "A <b> & \"c\"", sections: [.init("s", content)],
            origin: .init(command: "bindery x <y>", [("model", "f00")])
        )
        .html(in: folder)
    }

    /// Every content, with names that try to break out of the page.
    private var contents: [Report.Content] {
        let evil = "<script>alert('1')</script>\u{0}&\""
        return [
            .bars([.init(evil, 0.5, interval: Interval(0.25, 0.75), chance: 0.1, note: evil), .init("b", .nan)]),
            .confusion(ConfusionMatrix(labels: [0, 1, 1], predictions: [0, 0, 1], classes: 2), names: [evil, "b"]),
            .heatMap(.init(rows: [evil], columns: ["a", "b"], values: [[0.1, .nan]])),
            .heatMap(.init(rows: [], columns: [], values: [])),
            .curves(
                .init(
                    x: evil, y: "loss",
                    [.init(evil, [(1, 2), (2, .nan), (3, 1)], band: [Interval(1, 3), Interval(0, 0), Interval(0, 2)])])),
            .curves(.init(x: "x", y: "y", [])),
            .curves(.init(x: "x", y: "y", [.init("flat", [(1, 0.5)])], isLogarithmic: true)),
            .curves(
                .init(x: "x", y: "y", [.init("log", (0..<30).map { (pow(10, Double($0)), 0.1) })], isLogarithmic: true)),
            .table(columns: [evil], rows: [[evil]]), .text([evil]),
            .mistakes([
                .init(evil, right: evil, taken: evil, margin: 0.1, media: .audio(URL(filePath: "/no/\(evil).wav")))
            ]),
        ]
    }

    @Test func isOneFileThatNothingBreaksOutOf() throws {
        for content in contents {
            let html = page(content)
            #expect(html.contains("A &lt;b&gt; &amp; &quot;c&quot;"))
            #expect(html.contains("bindery x &lt;y&gt;"))
            #expect(!html.contains("<script"))
            #expect(!html.contains("\u{0}"))
            #expect(!html.lowercased().contains("http:") && !html.lowercased().contains("https:"))
            #expect(!html.contains("nan") && !html.contains("inf\""))
        }
    }

    /// An XML parser takes what is between the body tags, once the tags that HTML leaves open are closed.
    @Test func isWellFormed() throws {
        for content in contents {
            let html = page(content)
            let body = html.components(separatedBy: "<body>")[1].components(separatedBy: "</body>")[0]
                .replacingOccurrences(of: "<br>", with: "<br/>")
                .replacing(/<(img|audio)([^>]*?)>/) {
                    "<\($0.1)\($0.2.replacingOccurrences(of: " controls", with: " controls=\"\""))\($0.1 == "img" ? "/" : "")>"
                }
            var open: [Substring] = []
            for match in body.matches(of: /<(\/?)([a-z0-9]+)([^<>]*?)(\/?)>/) {
                if match.1 == "/" { #expect(open.popLast() == match.2) } else if match.4 != "/" { open.append(match.2) }
            }
            #expect(open.isEmpty)
        }
    }

    @Test func showsTheNumbers() {
        let bars = page(.bars([.init("dog", 0.625, interval: Interval(0.5, 0.75), chance: 0.1)]))
        #expect(bars.contains("62.5 %") && bars.contains("width:62.50%") && bars.contains("left:10.00%"))
        let matrix = page(
            .confusion(
                ConfusionMatrix(labels: [0, 0, 0, 1], predictions: [0, 0, 1, 1], classes: 2), names: ["dog", "cat"]))
        #expect(matrix.contains("dog → cat: 33.3 %"))
    }

    @Test func putsSmallMediaInsideAndLinksLargeOnes() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let small = folder.appending(path: "small.wav")
        try Data([1, 2, 3]).write(to: small)
        let large = folder.appending(path: "a b\"<.wav")
        try Data(count: 500_000).write(to: large)
        let html = page(
            .mistakes([
                .init("small", right: "a", taken: "b", margin: 1, media: .audio(small)),
                .init("large", right: "a", taken: "b", margin: 1, media: .audio(large)),
                .init("row", right: "a", taken: "b", margin: 1, media: .picture(Data([255]), type: "image/png")),
            ]), in: folder)
        #expect(html.contains("src=\"data:audio/wav;base64,AQID\""))
        #expect(html.contains("src=\"a%20b%22%3C.wav\""))
        #expect(html.contains("src=\"data:image/png;base64,/w==\""))
    }
}
