import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

/// The recorded reference pictures of this repository.
let goldens = Fixture.golden("image")

func golden(_ name: String) throws -> Data { try Data(contentsOf: goldens.appending(path: name)) }

extension Checkpoint {
    /// A stored [height, width, 3] picture.
    func picture(_ name: String) throws -> Picture {
        let shape = try #require(self[name]?.shape)
        return Picture(width: shape[1], height: shape[0], pixels: try integers(name).map { UInt8($0) })
    }
}

/// How far apart two pictures of equal size are.
struct Distance {
    var mean = 0.0
    var largest = 0

    init(_ a: Picture, _ b: Picture, sourceLocation: SourceLocation = #_sourceLocation) {
        guard a.width == b.width, a.height == b.height else {
            Issue.record(
                "\(a.width) × \(a.height), expected \(b.width) × \(b.height)", sourceLocation: sourceLocation)
            return
        }
        let differences = zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }
        mean = Double(differences.reduce(0, +)) / Double(differences.count)
        largest = differences.max() ?? 0
    }
}

/// A picture without pattern.
func noise(_ width: Int, _ height: Int, seed: UInt64 = 1) -> Picture {
    var state = seed
    let pixels = (0..<(width * height * 3)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
    return Picture(width: width, height: height, pixels: pixels)
}

/// A folder of its own that is gone when the test is.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "bindery-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file
    }
}
