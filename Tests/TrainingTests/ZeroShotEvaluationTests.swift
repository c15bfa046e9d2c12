import BinderyBinding
import BinderyEvaluation
import BinderyTraining
import Foundation
import Testing

@Suite struct ZeroShotEvaluationTests {
    @Test func namesItemsByPromptsAndMakesAPage() throws {
        let scratch = try Scratch()
        for name in ["aa", "ab", "b", "cd"] { try scratch.write("\(name).wav") }
        try scratch.write("m.csv", "path,label\naa.wav,x\nab.wav,x\nb.wav,y\ncd.wav,y\n")
        try scratch.write("classes.csv", "label,phrase\nx,a\ny,b\n")
        let evaluation = try ZeroShotEvaluation(
            scratch.url.appending(path: "m.csv"), as: "audio", classes: scratch.url.appending(path: "classes.csv"),
            templates: ["{}", "{} {}"])
        let found = try evaluation(Letters.space())
        #expect(found.ensemble.predictions == [0, 0, 1, 0])
        #expect(found.ensemble.accuracy() == 0.75)
        let html = found.report(
            "t", items: evaluation.items, as: "audio", classes: evaluation.classes, origin: .init(command: "c")
        ).html()
        for part in ["75.0 %", "cd.wav", "None of these", "ensemble"] {
            #expect(html.contains(part), "\(part) is not on the page")
        }
        #expect(html.contains("heard as <span class=\"wrong\">x</span>"))
    }

    @Test func itemsMayShowSeveralClasses() throws {
        let scratch = try Scratch()
        for name in ["ab", "bc", "a", "d"] { try scratch.write("\(name).wav") }
        try scratch.write("m.csv", "path,label\nab.wav,x; y\nbc.wav,y\na.wav,x\nd.wav,\n")
        try scratch.write("classes.csv", "label,phrase\nx,a\ny,b\nz,h\n")
        let (manifest, classes) = (scratch.url.appending(path: "m.csv"), scratch.url.appending(path: "classes.csv"))
        let evaluation = try MultiLabelEvaluation(manifest, as: "audio", classes: classes, templates: ["{}"])
        #expect(evaluation.labels == [[0, 1], [1], [0], []])
        let found = try evaluation(Letters.space())
        #expect(found.precisions == [1, 1, nil])
        let html = found.report("t", evaluation.prompts.classes, origin: .init(command: "c")).html()
        #expect(html.contains("mean average precision") && html.contains("2 items"))
        #expect(throws: TrainingError.self) {
            try MultiLabelEvaluation(manifest, as: "audio", separator: ",", classes: classes)
        }
    }
}
