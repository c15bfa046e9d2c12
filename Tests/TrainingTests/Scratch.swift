import Foundation

@testable import BinderyTraining

/// A folder of its own that is gone when the test is.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ path: String, _ text: String = "") throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func manifest(_ text: String, _ name: String = "m.csv") throws -> Manifest {
        try write(name, text)
        return try Manifest(contentsOf: url.appending(path: name))
    }

    /// Sounds of a dog and a cat, and pictures of two dogs and a cat.
    static func ofDogsAndCats(sounds: String = "a.wav,dog\nb.wav,cat\n") throws -> Scratch {
        let scratch = try Scratch()
        for name in ["a.wav", "b.wav", "1.png", "2.png", "3.png"] { try scratch.write(name) }
        try scratch.write("sounds.csv", "path,label\n\(sounds)")
        try scratch.write("pictures.csv", "path,label\n1.png,dog\n2.png,cat\n3.png,dog\n")
        return scratch
    }
}
