import BinderyPictures
import BinderyTensors
import Foundation

/// A small world that needs nothing from anywhere: pictures of digits it draws, sounds of voices it makes, words.
///
/// Voices and drawings of the two test tables are others than those that are learned from.
struct DemoWorld {
    /// Where it lies.
    let folder: URL

    /// What the digits are called, from zero.
    static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    /// The words of all prompts.
    private static let vocabulary = words + ["the", "digit", "number", "picture", "spoken", "word", "a", "of"]

    /// Makes the world in `folder`; equal seeds make equal files.
    init(in folder: URL, seed: UInt64, pictures: Int = 1600, sounds: Int = 800) throws {
        self.folder = folder
        let random = RandomSource(seed: seed)
        for (name, count) in [("pictures", pictures), ("pictures-test", 400)] {
            try write(name, count, "png", random.split(name)) { digit, _, random in
                DigitDrawing.draw(digit, &random).png()
            }
        }
        for (name, count, speakers) in [("sounds", sounds, 40), ("sounds-test", 200, 10)] {
            var voices = random.split("voices of \(name)")
            let people = (0..<speakers).map { _ in Voice(&voices) }
            try write(name, count, "wav", random.split(name)) { digit, number, random in
                let loudness = Double(random.uniform(in: 0.15...0.8))
                return people[number / 10 % speakers].say(digit, loudness: loudness, &random)
                    .wave(rate: Int(Voice.rate))
            }
        }
        var vectors = random.split("words")
        let lines = Self.vocabulary.map { word in
            ([word] + (0..<64).map { _ in String(format: "%.5f", vectors.normal()) }).joined(separator: " ")
        }
        let table = "\(lines.count) 64\n" + lines.joined(separator: "\n") + "\n"
        try Data(table.utf8).write(to: folder.appending(path: "words.vec"), options: .atomic)
    }

    /// Files of all digits in turn, and the table that lists them.
    private func write(
        _ name: String, _ count: Int, _ kind: String, _ random: RandomSource,
        _ make: (_ digit: Int, _ number: Int, inout RandomSource) -> Data
    ) throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: name), withIntermediateDirectories: true)
        var table = "path,label\n"
        for number in 0..<count {
            var random = random.split(UInt64(number))
            let path = "\(name)/\(number).\(kind)"
            try make(number % 10, number, &random).write(to: folder.appending(path: path))
            table += "\(path),\(Self.words[number % 10])\n"
        }
        try Data(table.utf8).write(to: folder.appending(path: "\(name).csv"), options: .atomic)
    }
}
