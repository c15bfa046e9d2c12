import CZlib
import Foundation

/// Many pictures of one size in one file, as MNIST has them: big-endian header, then bytes.
struct IDXFile: Sendable {
    /// The most bytes that one file may inflate to.
    static let mostBytes = 1 << 30
    /// The most bytes of inflated files that a reader keeps.
    static let mostKept = 1 << 28

    let url: URL
    let stamp: FileStamp
    let count: Int
    let height: Int
    let width: Int
    let pixels: [UInt8]

    init(at url: URL, stamp: FileStamp) throws(PictureError) {
        func damaged(_ reason: String) -> PictureError { .damaged(source: url.path, format: "IDX", reason: reason) }
        let file = try Data(pictureFile: url)
        let stream = try Inflater(file, source: url.path)
        let header = try stream.read(16)
        guard header.count == 16, header[0] == 0, header[1] == 0 else {
            throw .unknownFormat(source: url.path, looksLike: "something else than an IDX file of pictures")
        }
        guard header[2] == 8, header[3] == 3 else {
            throw damaged("it holds no 8-bit numbers with three axes (items, rows, columns)")
        }
        let sizes = (1...3).map { axis in header[(axis * 4)..<(axis * 4 + 4)].reduce(0) { $0 << 8 | Int($1) } }
        let (area, tooWide) = sizes[1].multipliedReportingOverflow(by: sizes[2])
        let (total, tooLong) = area.multipliedReportingOverflow(by: sizes[0])
        guard !tooWide, !tooLong, total <= Self.mostBytes, area > 0 else {
            throw damaged("its header announces \(sizes[0]) pictures of \(sizes[1]) × \(sizes[2])")
        }
        let pixels = try stream.read(total)
        guard pixels.count == total else { throw damaged("it ends after \(pixels.count) of \(total) pixels") }
        self.url = url
        self.stamp = stamp
        (count, height, width) = (sizes[0], sizes[1], sizes[2])
        self.pixels = pixels
    }

    /// Item `item`.
    func greyPicture(_ item: Int) throws(PictureError) -> GreyPicture {
        guard item >= 0, item < count else { throw .noSuchItem(source: url.path, item: item, count: count) }
        let area = width * height
        return GreyPicture(
            width: width, height: height, depth: 8,
            values: pixels[(item * area)..<((item + 1) * area)].map(UInt16.init))
    }
}

/// The bytes of a file that may be gzipped, in order.
private final class Inflater {
    private let file: Data
    private let source: String
    private var position = 0
    /// On the heap, since zlib's state points back at it; nil for a file that is not packed.
    private let stream: UnsafeMutablePointer<z_stream>?

    init(_ file: Data, source: String) throws(PictureError) {
        self.file = file
        self.source = source
        guard file.starts(with: [0x1f, 0x8b]) else {
            stream = nil
            return
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        self.stream = stream
        // 15 bits of window, plus 16 for the gzip wrapper.
        guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .unreadable(source: source, reason: "there is no memory for inflating it")
        }
    }

    deinit {
        guard let stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Up to `count` further bytes, fewer at the end of the file.
    func read(_ count: Int) throws(PictureError) -> [UInt8] {
        guard let stream else {
            defer { position = min(position + count, file.count) }
            return Array(file.dropFirst(position).prefix(count))
        }
        var status = Z_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, written in
            file.bound { input in
                while written < count, status == Z_OK {
                    let fed = min(input.count - position, 1 << 30)
                    let room = min(count - written, 1 << 30)
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + position })
                    stream.pointee.avail_in = UInt32(fed)
                    stream.pointee.next_out = target.baseAddress.map { $0 + written }
                    stream.pointee.avail_out = UInt32(room)
                    status = inflate(stream, Z_NO_FLUSH)
                    position += fed - Int(stream.pointee.avail_in)
                    written += room - Int(stream.pointee.avail_out)
                }
            }
        }
        // Z_BUF_ERROR: no input is left, so the caller gets fewer bytes than wanted.
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw .damaged(source: source, format: "gzip", reason: "it does not inflate")
        }
        return bytes
    }
}
