import Bindery
import Foundation
import TestSupport
import Testing

@testable import BinderyPublished

/// A small CLAP as PyTorch computes it: loss, every gradient, and ten AdamW steps (Tests/Goldens/training).
@Suite struct ClapStateTests {
    private let golden: Checkpoint
    private let space: JointSpace

    init() throws {
        golden = try Checkpoint(contentsOf: Fixture.golden("training/clap_state.safetensors"))
        let plan = JointSpace.Plan(
            width: 10,
            towers: [
                "audio": .init(
                    encoder: "audio/cnn14",
                    config: [
                        "widths": [4, 4, 6, 8, 8, 12], "dropout": 0, "headDropout": 0, "seconds": 1.25,
                        "features": ["rate": 8000, "window": 256, "hop": 250, "bins": 32, "low": 50, "high": 4000],
                    ], projection: .linear),
                "text": .init(
                    encoder: "text/bert",
                    config: [
                        "vocabulary": 40, "width": 16, "layers": 2, "heads": 2, "hidden": 24, "positions": 12,
                        "limit": 12, "pooling": "mean", "unit": true,
                    ], projection: .linear),
            ], pairs: [.init("audio", "text")])
        let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }
        let vocabulary = Assets(["vocab.txt": Data(words.joined(separator: "\n").utf8)])
        space = try JointSpace(plan, modalities: Modalities.all, assets: ["text": vocabulary])
        let bert = KeyMap.bertText.below("text.", "before.bert.").rules
        let map = KeyMap(
            [KeyMap.Rule("text.projection.*", "before.text.projection.*")] + bert
                + [KeyMap.Rule("*", "before.*")], ignoring: ["*"])
        let weights = space.parameters.all.filter { !$0.name.contains("running") }
        try space.parameters.fill(weights, from: golden, through: map, replacing: "", by: "")
        space.parameters.fill(seed: 0)
        for parameter in space.parameters.all { parameter.isFrozen = false }
    }

    private func loss(_ step: Step) throws -> Tensor {
        let (audio, text) = (try space.tower("audio"), try space.tower("text"))
        let hearing = try #require(audio.encoder as? CNN14)
        let reading = try #require(text.encoder as? TextTransformer)
        let features = try golden.tensor("features")
        let clips = (0..<features.shape[0]).map { features.slice(axis: 0, $0..<$0 + 1).reshaped([40, 32]) }
        let ids = try golden.integers("ids")
        let lengths = try golden.integers("lengths")
        let longest = try #require(lengths.max())
        let texts = lengths.enumerated().map { row, length in Array(ids[row * longest..<row * longest + length]) }
        let a = audio.projection(hearing(clips, .training(step))).l2Normalized()
        let b = text.projection(reading(texts, .training(step))).l2Normalized()
        return InfoNCE()(PairBatch(a: a, b: b, scale: try space.temperature("audio", "text").scale))
    }

    /// The golden's name of one of our parameters.
    private func name(_ parameter: Parameter) -> String {
        let map = KeyMap.bertText.below("text.", "bert.")
        let exported = try? map.export([(parameter.name, parameter.value)]).first?.0
        return parameter.name.hasPrefix("text.") ? exported ?? parameter.name : parameter.name
    }

    @Test func lossGradientsAndTenStepsAgree() throws {
        let losses = try golden.tensor("losses").values
        let weights = space.parameters.all.filter { !$0.name.contains("running") && !$0.name.hasPrefix("pairs") }
        let temperature = try space.temperature("audio", "text")
        var optimizer = AdamW(
            groups: [
                .init(parameters: weights, rate: 1e-3, decay: 0.01),
                .init(parameters: [temperature.logScale], rate: 1e-3, decay: 0),
            ], betas: (0.9, 0.98), epsilon: 1e-8)
        for (number, expected) in losses.enumerated() {
            let step = Step(seed: 0)
            let loss = try loss(step)
            // AdamW divides each step by its gradient's size, so rounding grows from step to step.
            expectClose([loss.item], [expected], relative: number < 8 ? 1e-4 : 1e-3, "loss \(number)")
            let gradients = loss.backward()
            if number == 0 {
                for parameter in weights + [temperature.logScale] {
                    guard golden["gradient.\(name(parameter))"] != nil else { continue }
                    let gradient = try #require(gradients[parameter], "\(parameter.name) has no gradient")
                    expectClose(
                        gradient, try golden.tensor("gradient.\(name(parameter))"), relative: 1e-3, absolute: 1e-6,
                        parameter.name)
                }
            }
            optimizer.step(gradients)
            step.commit()
        }
        for parameter in space.parameters.all where golden["after.\(name(parameter))"] != nil {
            // A step of AdamW divides by the gradient's size: where that is rounding noise, the step is too.
            expectClose(
                parameter.value, try golden.tensor("after.\(name(parameter))"), relative: 2e-3, absolute: 2e-3,
                parameter.name)
        }
    }
}
