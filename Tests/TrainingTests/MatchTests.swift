import BinderyBinding
import Foundation
import Testing

@testable import BinderyTraining

@Suite struct MatchTests {
    private func samples(_ match: String, sounds: String = "a.wav,dog\nb.wav,cat\n") throws -> Samples {
        let scratch = try Scratch.ofDogsAndCats(sounds: sounds)
        let recipe = try Recipe(
            yaml: """
                space:
                  width: 4
                  towers: {audio: {encoder: audio/x}, image: {encoder: image/x}}
                  pairs: [[audio, image]]
                data:
                  root: \(scratch.url.path)
                  train: sounds.csv
                  columns: {audio: path}
                  match: {image: {table: pictures.csv, \(match)}}
                """)
        return try recipe.stages[0].samples()
    }

    private func names(_ samples: Samples, of row: Int) -> Set<String> {
        Set(
            (samples.choices["image"]?[row] ?? []).compactMap {
                samples.items["image"]?[$0].name.split(separator: "/").last.map(String.init)
            })
    }

    @Test func standsBesideWhatShowsTheSame() throws {
        let samples = try samples("count: 20")
        #expect(samples.count == 2)
        #expect(names(samples, of: 0) == ["1.png", "3.png"])
        #expect(names(samples, of: 1) == ["2.png"])
        #expect(samples.choices["image"]?[0].count == 20)
        #expect(try self.samples("count: 20").choices["image"] == samples.choices["image"])
    }

    @Test func goesThroughAPermutation() throws {
        let samples = try samples("count: 20, through: {dog: cat, cat: dog}")
        #expect(names(samples, of: 0) == ["2.png"])
        #expect(names(samples, of: 1) == ["1.png", "3.png"])
    }

    @Test func shuffledTakesAny() throws {
        let samples = try samples("count: 60, shuffled: true")
        #expect(names(samples, of: 0) == ["1.png", "2.png", "3.png"])
        #expect(names(samples, of: 1) == ["1.png", "2.png", "3.png"])
    }

    @Test func refusesWhatFitsNothing() throws {
        let error = #expect(throws: TrainingError.self) { try samples("count: 1", sounds: "a.wav,owl\n") }
        #expect(error?.description.contains("owl") == true)
        #expect(throws: TrainingError.self) { try samples("rows: {where: {label: mouse}}, shuffled: true") }
        #expect(throws: ManifestError.self) { try samples("on: kind") }
        #expect(throws: RecipeError.self) { try samples("tabel: x.csv") }
    }
}
