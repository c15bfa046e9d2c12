import BinderyBinding
import BinderyEvaluation
import BinderyTensors
import BinderyTraining
import Foundation
import Testing

@Suite struct EmergentEvaluationTests {
    /// Three modalities of letters, of which text met pictures and pictures met sounds.
    private func space() throws -> JointSpace {
        let names = ["text", "audio", "image"]
        let modalities = names.map { Modality($0).encoder("letters") { _, _, _ in Letters() } }
        let plan = JointSpace.Plan(
            width: 8, towers: Dictionary(uniqueKeysWithValues: names.map { ($0, .init(encoder: "\($0)/letters")) }),
            pairs: [.init("image", "text"), .init("audio", "image")])
        return try JointSpace(plan, modalities: modalities)
    }

    private func manifest(_ scratch: Scratch) throws -> URL {
        for name in ["ab.wav", "cd.wav", "a.png", "c.png", "d.png"] { try scratch.write(name) }
        _ = try scratch.manifest("sound,picture,words,label\nab.wav,a.png,aab,x\ncd.wav,c.png,cc,y\n,d.png,dd,y\n")
        return scratch.url.appending(path: "m.csv")
    }

    @Test func asksOnlyPairsThatNeverMet() throws {
        let scratch = try Scratch()
        let evaluation = try EmergentEvaluation(
            manifest(scratch), columns: ["audio": "sound", "image": "picture", "text": "words"], group: "label")
        #expect(evaluation.count == 8)
        let found = try evaluation(space())
        #expect(
            found.map(\.name) == [
                "audio_to_text", "text_to_audio", "audio_to_image", "image_to_audio", "image_to_text", "text_to_image",
            ])
        #expect(found.map(\.isTrained) == [false, false, true, true, true, true])
        #expect(found[0].found.ranks == [1, 1])
        let metrics = found.metrics()
        #expect(metrics["audio_to_text_R@1"] == .number(1))
        #expect(metrics["audio_to_text_R@1_chance"] == .number(0.5))
        #expect(metrics["audio_to_image_R@1"] == nil)
        #expect(metrics["trained"]?.table?["audio_to_image_R@1"] == .number(1))
        let page = found.report("Emergent", origin: .init(command: "bindery")).html()
        #expect(page.contains("audio asks for text") && page.contains("Trained together"))
    }

    @Test func refusesWhenAllMet() throws {
        let scratch = try Scratch()
        let evaluation = try EmergentEvaluation(manifest(scratch), columns: ["audio": "sound", "image": "picture"])
        #expect(throws: TrainingError.self) { try evaluation(space()) }
    }
}
