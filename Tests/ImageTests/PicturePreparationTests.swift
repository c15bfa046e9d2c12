import BinderyBinding
import BinderyLayers
import BinderyPictures
import BinderyTensors
import Foundation
import TestSupport
import Testing

@testable import BinderyImage

@Suite struct PicturePreparationTests {
    static let images = Fixture("images")

    private func prepare(_ config: Config, size: Int = 96, channels: Int = 3) throws -> PicturePreparation {
        try PicturePreparation(
            config, usual: PixelSize(height: size, width: size), patch: 8, channels: channels)
    }

    /// A picture whose every pixel says where it is.
    private func ramp(_ width: Int, _ height: Int) -> Picture {
        Picture(
            width: width, height: height,
            pixels: (0..<height).flatMap { row in (0..<width).flatMap { [UInt8(row), UInt8($0), 9] } })
    }

    /// The pixels that a preparation without arithmetic leaves.
    private func levels(_ config: Config, _ picture: Picture, size: Int = 96) throws -> Tensor {
        let plain: Config = ["scale": 1, "mean": 0, "deviation": 1]
        let all = (config.asMap ?? [:]).merging(plain.asMap ?? [:]) { own, _ in own }
        return try prepare(.map(all), size: size)(picture)
    }

    @Test(.enabled(if: images != nil), arguments: ["gray_jpg", "la_png", "palette_png", "sub420_odd_jpg", "rgba_png"])
    func cutsAsTorchvisionDoes(name: String) throws {
        let expected = try #require(Self.images).tensors("expected.safetensors")
        let pixels = try #require(expected["\(name)_rgb"]).shape
        let picture = Picture(
            width: pixels[1], height: pixels[0], pixels: try expected.integers("\(name)_rgb").map { UInt8($0) })
        let found = try levels(["crop": 96], picture)
        expectClose(found, try expected.tensor("\(name)_cropped"), relative: 0, absolute: 1, name)
    }

    @Test(.enabled(if: images != nil)) func normalisesAsCLIPDoes() throws {
        let fixture = try #require(Self.images)
        let expected = try fixture.tensors("expected.safetensors").tensor("progressive_jpg_normalized_chw")
        let found = try prepare(["crop": 96])(.file(fixture.file("inputs/progressive.jpg")))
        #expect(found.shape == [96, 96, 3])
        // Own JPEG decoder: within a few levels of 1/255/0.26.
        expectClose(found.permuted([2, 0, 1]), expected, relative: 0, absolute: 0.2)
    }

    @Test func reachesItsSize() {
        let wide = PixelSize(height: 30, width: 77)
        func fit(_ fit: PictureFit, _ height: Int, _ width: Int) -> [Int] {
            let size = wide.fitted(fit, to: PixelSize(height: height, width: width), patch: 8, most: 36)
            return [size.height, size.width]
        }
        #expect(fit(.none, 9, 9) == [30, 77])
        #expect(fit(.exact, 9, 12) == [9, 12])
        #expect(fit(.shortest, 20, 20) == [20, 51])
        #expect(fit(.cover, 20, 20) == [20, 51])
        #expect(fit(.within, 20, 20) == [8, 20])
        let patched = wide.fitted(.patches, to: wide, patch: 8, most: 36)
        #expect(patched == PixelSize(height: 24, width: 72) || patched == PixelSize(height: 32, width: 72))
        #expect(patched.height / 8 * patched.width / 8 <= 36)
    }

    @Test func centresBothWays() throws {
        // 7 → 4: one and a half pixels go on each side; 5 → 8: as many come.
        let even = try levels(["resize": "none", "crop": 4], ramp(7, 9))
        #expect(even.shape == [4, 4, 3] && even.values[1] == 2 && even.values[0] == 2)
        let floor = try levels(["resize": "none", "crop": 4, "centre": "floor"], ramp(7, 9))
        #expect(floor.values[1] == 1 && floor.values[0] == 2)
        let padded = try levels(["resize": "none", "crop": 8, "fill": 77], ramp(5, 9))
        #expect(padded.slice(axis: 1, 0..<1).values.allSatisfy { $0 == 77 })
        #expect(padded.slice(axis: 1, 1..<2).values[1] == 0)
        let other = try levels(["resize": "none", "crop": 8, "centre": "floor"], ramp(5, 9))
        #expect(other.slice(axis: 1, 1..<2).values[1] == 0 && other.slice(axis: 1, 2..<3).values[1] == 0)
    }

    @Test func greyStaysGrey() throws {
        let grey = GreyPicture(width: 4, height: 4, depth: 8, values: (0..<16).map { $0 * 16 })
        let preparation = try prepare(["scale": 1, "mean": 0, "deviation": 1], size: 4, channels: 1)
        let found = try preparation(Picture(repeating: grey))
        #expect(found.shape == [4, 4, 1] && found.values == grey.values.map(Float.init))
    }

    @Test func readsRowsOfArrays() throws {
        let folder = try TemporaryFolder()
        var bytes = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0])
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }"
        bytes += Data(header.utf8) + Data(repeating: 32, count: 117 - header.utf8.count) + Data([10])
        bytes += Data(0..<12)
        try bytes.write(to: folder.file("rows.npy"))
        let preparation = try prepare(["resize": "none", "scale": 1, "mean": 0, "deviation": 1])
        let found = try preparation(Item(.row(folder.file("rows.npy"), 1)))
        #expect(found.shape == [2, 3, 3] && found.values[0] == 6 && found.values[17] == 11)
        #expect(throws: (any Error).self) { try preparation(Item(.row(folder.file("rows.npy"), 2))) }
        try NumpyFile.write(.ones([2, 4, 4]), to: folder.file("floats.npy"))
        #expect(throws: ImageError.self) { try preparation(Item(.row(folder.file("floats.npy"), 0))) }
        #expect(throws: ImageError.self) { try preparation(.text("a cat")) }
    }

    @Test(
        arguments: [
            ["size": 0], ["size": 1_000_000], ["crop": [1, 2, 3]], ["kernel": "soft"], ["mean": [1, 2]],
            ["deviation": 0],
            ["resize": "somehow"], ["unknown": 1], ["size": "big"], ["scale": -1],
        ] as [Config])
    func refuses(config: Config) {
        #expect(throws: ConfigError.self) { try prepare(config) }
    }

    @Test func refusesWhatWouldNotFit() throws {
        let strip = Picture(width: 60_000, height: 1, pixels: [UInt8](repeating: 0, count: 180_000))
        #expect(throws: ImageError.self) { try prepare([:])(strip) }
        #expect(try prepare(["crop": 96])(strip).shape == [96, 96, 3])
    }
}
