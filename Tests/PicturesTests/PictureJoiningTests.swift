import BinderyBinding
import BinderyPictures
import Foundation
import Testing

@Suite struct PictureJoiningTests {
    private func picture(_ width: Int, _ height: Int, from first: Int) -> GreyPicture {
        GreyPicture(
            width: width, height: height, depth: 8, values: (0..<width * height).map { UInt16(first + $0) })
    }

    @Test func standSideBySide() throws {
        let parts = [picture(2, 2, from: 0), picture(3, 2, from: 10)].map { Item(.bytes($0.png())) }
        let joined = try PictureReader().picture(Item(.joined(parts, seconds: nil)))
        #expect((joined.width, joined.height) == (5, 2))
        let red = stride(from: 0, to: joined.pixels.count, by: 3).map { joined.pixels[$0] }
        #expect(red == [0, 1, 10, 11, 12, 2, 3, 13, 14, 15])
    }

    @Test func mustBeEquallyHigh() throws {
        let parts = [picture(2, 2, from: 0), picture(2, 3, from: 0)].map { Item(.bytes($0.png())) }
        for parts in [parts, []] {
            #expect(throws: PictureError.self) { try PictureReader().picture(Item(.joined(parts, seconds: nil))) }
        }
    }
}
