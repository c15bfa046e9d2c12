import BinderyLayers
import BinderyPictures
import Foundation
import TestSupport
import Testing

@Suite struct PictureReaderTests {
    let reader = PictureReader()

    @Test func everyPNGKindEqualsPillow() throws {
        let expected = try Checkpoint(contentsOf: goldens.appending(path: "expected.safetensors"))
        let names = expected.names.filter { $0.hasSuffix(".png") }
        #expect(names.count == 11)
        for name in names {
            let picture = try reader.picture(at: goldens.appending(path: name))
            #expect(try picture == expected.picture(name), "\(name)")
        }
    }

    // libjpeg-turbo is what Pillow decodes with; other versions may round the transform differently by one.
    @Test func everyJPEGKindEqualsPillow() throws {
        let expected = try Checkpoint(contentsOf: goldens.appending(path: "expected.safetensors"))
        let names = expected.names.filter { $0.hasSuffix(".jpg") }
        #expect(names.count == 7)
        for name in names {
            let picture = try reader.picture(at: goldens.appending(path: name))
            let distance = Distance(picture, try expected.picture(name))
            #expect(distance.largest <= 2 && distance.mean < 0.1, "\(name): \(distance)")
        }
    }

    @Test(.enabled(if: Fixture("images") != nil)) func decodesTheReferenceFiles() throws {
        let fixture = try #require(Fixture("images"))
        let expected = try fixture.tensors("expected.safetensors")
        for file in try FileManager.default.contentsOfDirectory(atPath: fixture.file("inputs").path).sorted() {
            let picture = try reader.picture(at: fixture.file("inputs/\(file)"))
            let name = file.replacing(".", with: "_") + "_rgb"
            let distance = Distance(picture, try expected.picture(name))
            #expect(file.hasSuffix(".png") ? distance.largest == 0 : distance.mean < 0.01, "\(file): \(distance)")
        }
    }

    @Test(.enabled(if: Fixture("images") != nil)) func keepsSixteenBits() throws {
        let fixture = try #require(Fixture("images"))
        let expected = try fixture.tensors("expected.safetensors").integers("gray16_png_decoded_u16")
        let grey = try reader.greyPicture(at: fixture.file("inputs/gray16.png"))
        #expect(grey.depth == 16)
        #expect(grey.values.map(Int.init) == expected)
    }

    @Test func greyKeepsTheDepthOfTheFile() throws {
        for depth in [1, 2, 4, 8, 16] {
            let file = goldens.appending(path: "grey\(depth).png")
            let grey = try reader.greyPicture(at: file)
            #expect(grey.depth == depth)
            #expect(try Picture(repeating: grey) == reader.picture(at: file))
        }
    }

    @Test func colourBecomesLuma() throws {
        let white = Picture(width: 1, height: 1, pixels: [255, 255, 255])
        #expect(try reader.greyPicture(white.png()).values == [255])
        let green = Picture(width: 1, height: 1, pixels: [0, 255, 0])
        #expect(try reader.greyPicture(green.png()).values == [150])
    }

    @Test func writtenPicturesComeBack() throws {
        for (width, height) in [(1, 1), (3, 500), (97, 41)] {
            let picture = noise(width, height)
            #expect(try reader.picture(picture.png()) == picture)
        }
    }

    // MARK: refusals

    private func refusal(_ bytes: some Sequence<UInt8>) -> String {
        do throws(PictureError) {
            _ = try reader.picture(Data(bytes), from: "x.jpg")
            return "none"
        } catch { return error.description }
    }

    @Test func everyCutIsRefused() throws {
        for name in ["444.jpg", "420-progressive.jpg", "cmyk.jpg", "rgb16.png", "palette4-transparent.png"] {
            let whole = try golden(name)
            for count in 0..<whole.count {
                #expect(refusal(whole.prefix(count)) != "none", "\(name) cut to \(count) of \(whole.count)")
            }
        }
    }

    @Test func everyFlippedBitOfAPNGIsRefused() throws {
        var bytes = [UInt8](try golden("rgb8-interlaced.png"))
        for index in bytes.indices {
            bytes[index] ^= 1 << UInt8(index % 8)
            #expect(refusal(bytes) != "none", "byte \(index)")
            bytes[index] ^= 1 << UInt8(index % 8)
        }
    }

    @Test func damagedBytesNeverTrap() throws {
        var random = SystemRandomNumberGenerator()
        for name in ["420-progressive.jpg", "restart.jpg", "turned.jpg", "rgba8-interlaced.png"] {
            let whole = [UInt8](try golden(name))
            for _ in 0..<500 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                let turning = PictureReader(pixelLimit: 1 << 20, appliesOrientation: true)
                if let picture = try? turning.picture(Data(bytes)) { #expect(picture.width > 0) }
                _ = try? turning.greyPicture(Data(bytes))
            }
        }
    }

    @Test func bombsAreRefusedByTheirHeaders() throws {
        var jpeg = [UInt8](try golden("444.jpg"))
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xea, 0x60, 0xea, 0x60])
        #expect(
            refusal(jpeg) == "x.jpg has 60000 × 60000 pixels, more than the 89478485 allowed; make it smaller first")

        // libpng checks the sums of all chunks, so the bomb needs the right ones.
        let header = Array("IHDR".utf8) + [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0, 0x0f, 0xb0, 0xe2, 0x15]
        let rows = [0, 0, 0, 0] + Array("IDAT".utf8) + [0x35, 0xaf, 0x06, 0x1e]
        let end = [0, 0, 0, 0] + Array("IEND".utf8) + [0xae, 0x42, 0x60, 0x82]
        let png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13] + header + rows + end
        #expect(
            refusal(png) == "x.jpg has 60000 × 60000 pixels, more than the 89478485 allowed; make it smaller first")
    }

    @Test func aSmallerLimitHolds() throws {
        let picture = noise(10, 10).png()
        #expect(throws: Never.self) { try PictureReader(pixelLimit: 100).picture(picture) }
        #expect(throws: PictureError.tooLarge(source: "the picture", width: 10, height: 10, limit: 99)) {
            try PictureReader(pixelLimit: 99).picture(picture)
        }
    }

    @Test func otherFilesAreNamed() throws {
        #expect(refusal("a photo, honestly\n".utf8).contains("it looks like text"))
        #expect(refusal("GIF89a".utf8).contains("a GIF"))
        #expect(refusal("RIFF....WEBPVP8 ".utf8).contains("a WebP"))
        #expect(refusal([]).contains("empty"))
        #expect(refusal([0xff, 0xd8]).contains("too early"))
    }

    @Test func whatIsNoFileIsNamed() throws {
        let scratch = try Scratch()
        func reason(_ url: URL) -> String {
            do throws(PictureError) {
                _ = try reader.picture(at: url)
                return "none"
            } catch { return error.description }
        }
        #expect(reason(scratch.url).contains("folder"))
        #expect(reason(scratch.url.appending(path: "absent.jpg")).contains("no such file"))
        #expect(reason(URL(filePath: "/dev/zero")).contains("not a regular file"))
        #expect(reason(try scratch.file("empty.png", [])).contains("empty"))
    }
}
