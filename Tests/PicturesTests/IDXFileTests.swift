import BinderyPictures
import Foundation
import TestSupport
import Testing

@Suite struct IDXFileTests {
    /// Two pictures of 2 rows and 3 columns.
    private let bytes: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(1...12)
    private let reader = PictureReader()

    private func refusal(_ bytes: [UInt8], item: Int = 0) throws -> String {
        let scratch = try Scratch()
        let url = try scratch.file("a.idx", bytes)
        do throws(PictureError) {
            _ = try reader.picture(at: url, item: item)
            return "none"
        } catch { return error.description }
    }

    @Test func itemsAreCountedFromZero() throws {
        let scratch = try Scratch()
        let url = try scratch.file("a.idx", bytes)
        let grey = try reader.greyPicture(at: url, item: 1)
        #expect(grey.width == 3 && grey.height == 2 && grey.depth == 8)
        #expect(grey.values == [7, 8, 9, 10, 11, 12])
        #expect(try reader.picture(at: url, item: 0).pixels.prefix(6) == [1, 1, 1, 2, 2, 2])
        for item in [-1, 2, .max] {
            #expect(throws: PictureError.noSuchItem(source: url.path, item: item, count: 2)) {
                try reader.picture(at: url, item: item)
            }
        }
    }

    @Test func aChangedFileIsReadAgain() throws {
        let scratch = try Scratch()
        let url = try scratch.file("a.idx", bytes)
        #expect(try reader.greyPicture(at: url, item: 0).values.first == 1)
        _ = try scratch.file("a.idx", bytes.prefix(16) + (1...18).map { _ in 99 })
        #expect(try reader.greyPicture(at: url, item: 0).values.first == 99)
    }

    @Test func wrongHeadersAreRefused() throws {
        #expect(try refusal(Array(bytes.dropLast())).contains("ends after 11 of 12"))
        #expect(try refusal(Array(bytes.prefix(9))).contains("looks like"))
        var labels = bytes
        labels[3] = 1
        #expect(try refusal(labels).contains("three axes"))
        var huge = bytes
        huge.replaceSubrange(4..<16, with: [UInt8](repeating: 0xff, count: 12))
        #expect(try refusal(huge).contains("announces"))
        #expect(try refusal([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).contains("inflate"))
    }

    @Test(.enabled(if: Fixture(shared: "data/mnist") != nil)) func gzippedDigitsAreRead() throws {
        let folder = try #require(Fixture(shared: "data/mnist"))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.contains("idx3") }
        let file = try #require(files.sorted().first)
        let grey = try reader.greyPicture(at: folder.file(file), item: 17)
        #expect(grey.width == 28 && grey.height == 28)
        #expect(grey.values.contains { $0 > 200 })
    }
}
