import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyVideo

@Suite struct ImageBindVideoTests {
    @Test(
        arguments: [
            (1, [0]), (2, [0]), (3, [0, 1]), (4, [0, 2]), (10, [0, 2, 4, 6, 8]), (11, [0, 2, 4, 6, 8, 9]),
            (12, [0, 2, 5, 7, 10]), (1000, [0, 249, 499, 748, 998]),
        ])
    func clipsAreSpreadOverTheFrames(frames: Int, starts: [Int]) throws {
        #expect(try encoder().starts(of: frames) == starts)
    }

    @Test func framesAreOrderedByNumber() {
        let names = ["b1.png", "a10.png", "a9.png", "a010.png", "a.png", "10.png", "9.png"]
        let sorted = names.sorted { Frames.name($0, isBefore: $1) }
        #expect(sorted == ["9.png", "10.png", "a9.png", "a010.png", "a10.png", "a.png", "b1.png"])
    }

    @Test func wideFramesAreSeenThroughThreeSquares() throws {
        let scratch = try TemporaryFolder()
        for (name, colour) in [("1", UInt8(0)), ("2", 255)] {
            let pixels = (0..<8 * 4 * 3).map { $0 / 3 % 8 < 4 ? colour : 255 - colour }
            try Picture(width: 8, height: 4, pixels: pixels).png().write(to: scratch.file("\(name).png"))
        }
        let encoder = try encoder()
        var clips = try encoder.clips(of: .file(scratch.url))
        let pieces = try clips.next(9)
        #expect(pieces.count == 3)
        #expect(pieces[0].clip.shape == [2, 4, 4, 3])
        #expect(pieces[0].clip.values[0] < 0 && pieces[2].clip.values[0] > 0)
        #expect(encoder.length(of: pieces[0].clip) == 96)
        var still = try encoder.clips(of: .file(scratch.file("1.png")))
        let stills = try still.next(9)
        #expect(stills.count == 3)
        let frames = stills[0].clip.split(axis: 0, into: 2).map(\.values)
        #expect(frames[0] == frames[1])
    }

    @Test func foldersWithoutFramesAreRefused() throws {
        let scratch = try TemporaryFolder()
        #expect(throws: VideoError.self) { try encoder().clips(of: .file(scratch.url)) }
        #expect(throws: (any Error).self) { try encoder().clips(of: .text("a film")) }
    }

    private func encoder() throws -> ImageBindVideo {
        try ImageBindVideo(
            ["width": 8, "heads": 2, "layers": 1, "size": 4, "patch": 2], Parameters().scope)
    }
}
