import BinderyBinding
import Foundation
import Testing

@testable import BinderyTraining

/// Samples that are made of several rows.
@Suite struct CompositionTests {
    private func stage(_ data: String) throws -> (Recipe.Stage, Scratch) {
        let scratch = try Scratch.ofDogsAndCats()
        let recipe = try Recipe(
            yaml: """
                space:
                  width: 4
                  towers: {audio: {encoder: audio/x}, image: {encoder: image/x}, text: {encoder: text/x}}
                  pairs: [[audio, image], [audio, text]]
                data:
                  root: \(scratch.url.path)
                  train: sounds.csv
                  columns: {audio: path}
                  templates: ["a {}"]
                  \(data)
                """)
        return (recipe.stages[0], scratch)
    }

    private static let both = """
        compose: {count: 60, seconds: 1, except: [cat dog]}
          match: {image: {table: pictures.csv, count: 3, compose: {count: 90}}}
        """

    @Test func aSampleIsMadeOfRows() throws {
        let (stage, scratch) = try stage(Self.both)
        let samples = try stage.samples()
        #expect(samples.count == 60)
        var seen: Set<String> = []
        for row in 0..<60 {
            let item = { (tower: String, choice: Int) throws -> Item in
                let numbers = try #require(samples.choices[tower])
                return try #require(samples.items[tower])[numbers[row][choice]]
            }
            let sound = try item("audio", 0)
            guard case .joined(let parts, let seconds) = sound.source, seconds == 1 else {
                Issue.record("\(sound)")
                return
            }
            let words = parts.map { $0.name.hasSuffix("a.wav") ? "dog" : "cat" }
            seen.insert(words.joined(separator: " "))
            #expect(try item("text", 0) == .text("a " + words.joined(separator: " ")))
            for choice in 0..<3 {
                guard case .joined(let pictures, seconds: nil) = try item("image", choice).source else {
                    Issue.record("not two pictures")
                    return
                }
                #expect(pictures.map { $0.name.hasSuffix("2.png") ? "cat" : "dog" } == words)
            }
        }
        #expect(seen == ["dog dog", "dog cat", "cat cat"])
        #expect(try stage.samples().choices == samples.choices)
        withExtendedLifetime(scratch) {}
    }

    @Test func partsOfASampleAgree() throws {
        let (stage, scratch) = try stage(
            """
            compose: {count: 60, same: voice}
              match: {image: {table: pictures.csv, compose: {count: 90}}}
            """)
        try scratch.write(
            "sounds.csv", "path,label,voice\na.wav,dog,low\nb.wav,dog,high\na.wav,cat,low\nb.wav,cat,high\n")
        let samples = try stage.samples()
        var voices: Set<Set<String>> = []
        for item in try #require(samples.items["audio"]) {
            guard case .joined(let parts, seconds: nil) = item.source else { continue }
            voices.insert(Set(parts.map { String($0.name.suffix(5)) }))
        }
        #expect(voices == [["a.wav"], ["b.wav"]])
        try scratch.write("sounds.csv", "path,label\na.wav,dog\n")
        #expect(throws: ManifestError.self) { try stage.samples() }
        withExtendedLifetime(scratch) {}
    }

    @Test func refusesWhatLeavesNothing() throws {
        let (stage, scratch) = try stage("compose: {count: 5, except: [dog dog, dog cat, cat dog, cat cat]}")
        let error = #expect(throws: TrainingError.self) { try stage.samples() }
        #expect(error?.description.contains("compose.except") == true)
        for wrong in ["parts: 1", "count: 0", "seconds: 0", "part: 2"] {
            #expect(throws: RecipeError.self) { try self.stage("compose: {\(wrong)}") }
        }
        withExtendedLifetime(scratch) {}
    }
}
