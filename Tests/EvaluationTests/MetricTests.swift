import BinderyEvaluation
import Foundation
import Testing

@Suite struct MetricTests {
    @Test func writesTheObjectOfTheTool() throws {
        let result = EvaluationResult(
            task: "zero-shot", model: "runs/a", manifest: "val.csv", items: 80,
            metrics: [
                "acc1": .number(0.5), "acc1_ci95": .interval(Interval(0.25, 0.75)),
                "per_template": .table(["a \"{}\"": .number(1)]), "k_shot": .table(["1": .list([0.5, 0.125])]),
                "broken": .number(.nan),
            ], seconds: 1.5)
        let text = String(decoding: try result.json(), as: UTF8.self).filter { !$0.isWhitespace }
        #expect(
            text == """
                {"items":80,"manifest":"val.csv","metrics":{"acc1":0.5,"acc1_ci95":[0.25,0.75],"broken":null,\
                "k_shot":{"1":[0.5,0.125]},"per_template":{"a\\"{}\\"":1}},"model":"runs/a","seconds":1.5,\
                "task":"zero-shot"}
                """)
    }
}
