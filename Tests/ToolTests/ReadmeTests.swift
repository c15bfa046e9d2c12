import Bindery
import Foundation
import TestSupport
import Testing

func nameSounds(in files: [URL], with model: URL) throws {
    let model = try Model(at: model)
    let labels = ["a dog barking", "rain falling", "a chainsaw"]
    let classifier = try Classifier(model.space, labels: labels, templates: ["this is a sound of {}."], of: "audio")
    for (file, scores) in zip(files, try classifier(files.map { .file($0) })) {
        print(file.lastPathComponent, scores[0].label, scores[0].score)
    }

    let sounds = try model.space.embed(files.map { .file($0) }, as: "audio")
    let words = try model.space.embed([.text("something alive")], as: "text")
    print(words.matmul(transposed: sounds).values)
}

/// The README shows code that compiles, because it is this file's.
@Suite struct ReadmeTests {
    @Test func theExampleIsTheOneAbove() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let start = try #require(source.range(of: "func nameSounds"))
        let end = try #require(source.range(of: "\n}\n", range: start.lowerBound..<source.endIndex))
        let example = source[start.lowerBound..<end.upperBound]
        let readme = try String(contentsOf: Fixture.checkout.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains(example))
    }

    @Test func theModalityIsTheOneThatIsCompiled() throws {
        let network = try String(
            contentsOf: Fixture.checkout.appending(path: "modalities/IMU/Encoders/MotionNet.swift"), encoding: .utf8)
        let readme = try String(
            contentsOf: Fixture.checkout.appending(path: "modalities/README.md"), encoding: .utf8)
        #expect(readme.contains(network))
    }

    @Test func theExampleRuns() throws {
        guard let world = try World() else { return }
        try nameSounds(in: [world.folder.file("audio/low0.wav")], with: URL(filePath: world.trained()))
    }
}
