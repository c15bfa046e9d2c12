import BinderyLayers
import Foundation
import TestSupport
import Testing

@testable import BinderyPictures

/// Pictures that are resized before they become red, green and blue, as torchvision does with what Pillow opens.
@Suite struct StorageTests {
    @Test(arguments: ["palette4-transparent.png", "rgba8-interlaced.png", "grey-alpha8.png", "grey1.png", "cmyk.jpg"])
    func resizesAsPillowDoes(_ name: String) throws {
        let recorded = try Checkpoint(contentsOf: goldens.appending(path: "expected.safetensors"))
        let reader = PictureReader(keepsStorage: true)
        let picture = try reader.picture(try golden(name), from: name)
        #expect(picture.storage != .colours)
        #expect(picture.pixels == (try recorded.picture(name)).pixels)
        for (width, height) in [(5, 4), (17, 3)] {
            let expected = try recorded.picture("stored.\(name).\(width)x\(height)")
            let window = Window(columns: 0..<width, rows: 0..<height)
            let found = picture.resizedAsStored(width: width, height: height, by: .bicubic, window: window)
            #expect(found.pixels == expected.pixels, "\(name) at \(width) × \(height)")
            let converted = try PictureReader().picture(try golden(name), from: name)
            #expect(converted.storage == .colours)
            #expect(
                converted.resizedAsStored(width: width, height: height, by: .bicubic, window: window).pixels
                    == converted.resized(width: width, height: height).pixels)
        }
        for level in [0, 9] {
            let around = try recorded.integers("around.\(name).\(level)")
            #expect(picture.surroundings(UInt8(level)).map(Int.init) == around, "\(name) in \(level)")
        }
    }
}
