import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyDemo

@Suite struct DemoWorldTests {
    @Test func equalSeedsMakeEqualWorlds() throws {
        let folder = try TemporaryFolder()
        let worlds = try ["a", "b"].map { name in
            try DemoWorld(in: folder.url.appending(path: name), seed: 3, pictures: 10, sounds: 10).folder
        }
        for path in ["pictures.csv", "pictures/7.png", "sounds/3.wav", "sounds-test/0.wav", "words.vec"] {
            let files = try worlds.map { try Data(contentsOf: $0.appending(path: path)) }
            #expect(files[0] == files[1], "\(path)")
            #expect(!files[0].isEmpty)
        }
        let table = try String(contentsOf: worlds[0].appending(path: "sounds.csv"), encoding: .utf8)
        #expect(table.split(separator: "\n").count == 11)
        #expect(table.hasPrefix("path,label\nsounds/0.wav,zero\nsounds/1.wav,one\n"))
    }

    @Test func noTwoDrawingsAreEqual() {
        var random = RandomSource(seed: 1)
        let pictures = (0..<20).map { _ in DigitDrawing.draw(8, &random).values }
        #expect(Set(pictures).count == 20)
        for picture in pictures {
            let ink = picture.count { $0 > 128 }
            #expect(ink > 40 && ink < 300)
        }
    }

    @Test func everyVoiceSaysEveryWord() {
        var random = RandomSource(seed: 2)
        for _ in 0..<5 {
            let voice = Voice(&random)
            for digit in 0..<10 {
                let samples = voice.say(digit, loudness: 0.5, &random)
                #expect(samples.count > 1000 && samples.count < 8000)
                #expect(samples.allSatisfy { $0.isFinite && abs($0) < 0.6 })
                let loudest = samples.map(abs).max() ?? 0
                #expect(loudest > 0.4)
            }
        }
    }
}
