import BinderyPictures
import Foundation
import TestSupport
import Testing

@Suite struct OrientationTests {
    /// 2 × 3 pixels, each with its number from 1 in reading order.
    private let numbers = Picture(width: 2, height: 3, pixels: (1...6).flatMap { [$0, $0, $0] })

    /// A PNG file with an EXIF chunk that says `value`.
    private func file(_ value: UInt8, bigEndian: Bool) -> Data {
        let tiff: [UInt8] =
            bigEndian
            ? [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
            : [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 18, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
        let body = Array("eXIf".utf8) + tiff
        var sum: UInt32 = 0xffff_ffff
        for byte in body {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
        }
        let chunk =
            withUnsafeBytes(of: UInt32(tiff.count).bigEndian, Array.init) + body
            + withUnsafeBytes(of: (~sum).bigEndian, Array.init)
        var png = numbers.png()
        png.insert(contentsOf: chunk, at: 33)
        return png
    }

    @Test(arguments: [true, false]) func allEightStandUpright(bigEndian: Bool) throws {
        let expected: [UInt8: [UInt8]] = [
            1: [1, 2, 3, 4, 5, 6], 2: [2, 1, 4, 3, 6, 5], 3: [6, 5, 4, 3, 2, 1], 4: [5, 6, 3, 4, 1, 2],
            5: [1, 3, 5, 2, 4, 6], 6: [5, 3, 1, 6, 4, 2], 7: [6, 4, 2, 5, 3, 1], 8: [2, 4, 6, 1, 3, 5],
            9: [1, 2, 3, 4, 5, 6],
        ]
        for (value, order) in expected {
            let bytes = file(value, bigEndian: bigEndian)
            let turned = try PictureReader(appliesOrientation: true).picture(bytes)
            #expect(turned.width == (5...8 ~= value ? 3 : 2))
            #expect(turned.pixels == order.flatMap { [$0, $0, $0] }, "orientation \(value)")
            #expect(try PictureReader().picture(bytes) == numbers)
        }
    }

    @Test func aJPEGSaysSoInItsFirstSegment() throws {
        let bytes = try golden("turned.jpg")
        let stored = try PictureReader().picture(bytes)
        let upright = try PictureReader(appliesOrientation: true).picture(bytes)
        #expect(upright.width == stored.height && upright.height == stored.width)
        // A quarter turn to the right takes the lower left corner to the upper left.
        #expect(upright.pixels.prefix(3) == stored.pixels[((stored.height - 1) * stored.width * 3)...].prefix(3))
    }
}
