import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyDepth

@Suite struct ImageBindDepthTests {
    @Test func metresBecomeDisparity() throws {
        let map = try DepthMap(["baseline": 0.1, "focal": 500])
        let normalised = map.normalised(Tensor([1, 2, 0, .nan, 0.001, 1000], [1, 6]))
        // 50, 25, none, none, held at 75, held at 50 m: all in pixels of disparity.
        let expected = [50, 25, 0, 0, 75, 1].map { (Float($0) / 75 - 0.0418) / 0.0295 }
        expectClose(normalised, Tensor(expected, [1, 6]), relative: 1e-6)
    }

    @Test func sixteenBitsAreMillimetres() throws {
        let scratch = try TemporaryFolder()
        let file = Fixture.golden("image/grey16.png")
        let picture = try PictureReader().greyPicture(at: file)
        let metres = Tensor(picture.values.map { Float($0) / 1000 }, [picture.height, picture.width])
        try NumpyFile.write(metres, to: scratch.file("depth.npy"))
        let encoder = try encoder(["size": 32])
        let (fromPicture, fromArray) = (
            try clip(encoder, .file(file)), try clip(encoder, .file(scratch.file("depth.npy")))
        )
        #expect(fromPicture.shape == [32, 32])
        expectClose(fromPicture, fromArray, relative: 1e-5)
        let finer = try clip(self.encoder(["size": 32, "unit": 0.0001]), .file(file))
        #expect(finer.values != fromPicture.values)
    }

    @Test func eightBitsAreDisparity() throws {
        let bytes = GreyPicture(width: 2, height: 2, depth: 8, values: [0, 255, 51, 255]).png()
        let map = try clip(encoder(["size": 2, "patch": 2]), Item(.bytes(bytes)))
        expectClose(map, Tensor([-2, 2, -1.2, 2], [2, 2]), relative: 1e-6)
    }

    @Test func arraysOfOtherShapesAreRefused() throws {
        let scratch = try TemporaryFolder()
        try NumpyFile.write(.ones([3, 4, 5]), to: scratch.file("three.npy"))
        #expect(throws: DepthError.self) { try clip(encoder(["size": 16]), .file(scratch.file("three.npy"))) }
        #expect(try clip(encoder(["size": 16]), Item(.row(scratch.file("three.npy"), 2))).shape == [16, 16])
        #expect(throws: (any Error).self) { try clip(encoder(["size": 16]), .text("deep")) }
    }

    @Test(arguments: [["size": 8], ["heads": 3], ["unit": 0], ["focus": 1]] as [[String: Config]])
    func configurationsThatCannotBe(config: [String: Config]) {
        #expect(throws: ConfigError.self) { try encoder(config) }
    }

    private func encoder(_ config: [String: Config]) throws -> ImageBindDepth {
        let base: [String: Config] = ["width": 8, "heads": 2, "layers": 1]
        return try ImageBindDepth(.map(base.merging(config) { $1 }), Parameters().scope)
    }

    private func clip(_ encoder: ImageBindDepth, _ item: Item) throws -> Tensor {
        var clips = try encoder.clips(of: item)
        return try #require(try clips.next()).clip
    }
}
