import Foundation

/// The formats that can be read, told apart by their first bytes.
enum PictureFormat {
    case jpeg
    case png

    /// The format of a file; throws, naming what it looks like, when it is another.
    init(of bytes: Data, source: String) throws(PictureError) {
        let start = Array(bytes.prefix(16))
        guard !start.isEmpty else { throw .unreadable(source: source, reason: "it is empty") }
        if start.starts(with: [0xff, 0xd8]) {
            self = .jpeg
        } else if start.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            self = .png
        } else {
            throw .unknownFormat(source: source, looksLike: Self.guess(start))
        }
    }

    private static func guess(_ start: [UInt8]) -> String {
        let text = String(decoding: start, as: UTF8.self)
        let known = [
            ("GIF8", "a GIF"), ("BM", "a BMP"), ("II*\0", "a TIFF"), ("MM\0*", "a TIFF"), ("\u{1f}\u{fffd}", "gzip"),
            ("%PDF", "a PDF"), ("P5", "a PGM"), ("P6", "a PPM"), ("<svg", "an SVG"),
        ]
        if let match = known.first(where: { text.hasPrefix($0.0) }) { return match.1 }
        if text.hasPrefix("RIFF"), start.dropFirst(8).starts(with: Array("WEBP".utf8)) { return "a WebP" }
        if start.dropFirst(4).starts(with: Array("ftyp".utf8)) { return "an HEIF, AVIF or MP4" }
        return start.allSatisfy { $0 >= 32 && $0 < 127 || $0 == 9 || $0 == 10 || $0 == 13 } ? "text" : "something else"
    }
}
