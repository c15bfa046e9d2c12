import BinderyEvaluation
import BinderyTensors
import Testing

@Suite struct ZeroShotTests {
    @Test func agreesWithNaiveLoops() {
        var numbers = Numbers(11)
        let items = numbers.tensor(30, 6).l2Normalized()
        let prompts = numbers.tensor(12, 6).l2Normalized()
        let labels = numbers.labels(30, below: 4)
        let templates = ["{}", "a {}", "the {}"]
        let judged = ZeroShot(items: items, prompts: prompts, templates: templates, labels: labels)
        let vectors = rows(prompts)
        let means = (0..<4).map { label -> [Float] in
            let sum = (0..<6).map { column in (0..<3).reduce(Float(0)) { $0 + vectors[$1 * 4 + label][column] } / 3 }
            let norm = dot(sum, sum).squareRoot()
            return sum.map { $0 / norm }
        }
        let accuracy = { (names: [[Float]]) in
            Double(
                zip(rows(items), labels).count { row, label in
                    let scores = names.map { dot(row, $0) }
                    return scores.firstIndex(of: scores.max() ?? 0) == label
                }) / 30
        }
        #expect(judged.ensemble.accuracy() == accuracy(means))
        for (index, template) in judged.perTemplate.enumerated() {
            #expect(template.accuracy() == accuracy(Array(vectors[index * 4..<(index + 1) * 4])))
        }
        let metrics = judged.metrics(templatesGiven: true)
        #expect(metrics["acc1"] == metrics["ensemble"])
        #expect(metrics["per_template"]?.table?.keys.sorted() == templates.sorted())
        #expect(metrics["per_template"]?.table?["a {}"]?.number == judged.perTemplate[1].accuracy())
        #expect(judged.metrics(templatesGiven: false)["ensemble"] == nil)
    }

    @Test func fillsTemplates() {
        #expect(
            ZeroShot.prompts(["{}", "a {}: {}!"], ["dog", "{}"]) == ["dog", "{}", "a dog: dog!", "a {}: {}!"])
    }
}
