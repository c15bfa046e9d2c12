import CJPEG
import Foundation

extension Picture {
    /// Decodes a JPEG file: grey, YCbCr, RGB, and the inverted CMYK and YCCK that Adobe's encoders write.
    ///
    /// The transform is libjpeg's accurate integer one with interpolated chroma, so pixels equal Pillow's. A file whose
    /// end is missing is refused; damage in the middle shows in the pixels, as it does everywhere. With `keepsStorage` it
    /// remembers inks.
    init(jpeg bytes: Data, source: String, pixelLimit: Int, keepsStorage: Bool = false) throws(PictureError) {
        self = try bytes.bound { (file: UnsafeBufferPointer<UInt8>) throws(PictureError) in
            try Picture(jpeg: file, source: source, pixelLimit: pixelLimit, keepsStorage: keepsStorage)
        }
    }

    private init(
        jpeg file: UnsafeBufferPointer<UInt8>, source: String, pixelLimit: Int, keepsStorage: Bool
    ) throws(PictureError) {
        func damaged(_ reason: String) -> PictureError { .damaged(source: source, format: "JPEG", reason: reason) }
        guard JPEGMarkers(file).reachesEnd else { throw damaged("it ends too early") }
        guard let decoder = tjInitDecompress() else {
            throw .unreadable(source: source, reason: "there is no memory for a decoder")
        }
        defer { tjDestroy(decoder) }
        func message() -> String { String(cString: tjGetErrorStr2(decoder)) }

        // The header call also complains about chroma layouts it has no name for; the decoder takes them all the same.
        var (width, height, subsampling, colors): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let header = tjDecompressHeader3(
            decoder, file.baseAddress, UInt(file.count), &width, &height, &subsampling, &colors)
        guard width > 0, height > 0 else { throw damaged(header == 0 ? "it has no picture" : message()) }
        let size = (width: Int(width), height: Int(height))
        guard size.width <= pixelLimit / size.height else {
            throw .tooLarge(source: source, width: size.width, height: size.height, limit: pixelLimit)
        }

        func decode(_ target: UnsafeMutablePointer<UInt8>?, _ format: TJPF, channels: Int32) throws(PictureError) {
            let result = tjDecompress2(
                decoder, file.baseAddress, UInt(file.count), target, width, width * channels, height,
                Int32(format.rawValue), TJFLAG_LIMITSCANS)
            guard result == 0 || tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) else {
                throw damaged(message())
            }
        }
        guard colors == Int32(TJCS_CMYK.rawValue) || colors == Int32(TJCS_YCCK.rawValue) else {
            try self.init(width: size.width, height: size.height) { rgb throws(PictureError) in
                try decode(rgb.baseAddress, TJPF_RGB, channels: 3)
            }
            return
        }
        let inks = try [UInt8](count: size.width * size.height * 4) { target throws(PictureError) in
            try decode(target.baseAddress, TJPF_CMYK, channels: 4)
            // Adobe's encoders write how much paper is left.
            for place in target.indices { target[place] = ~target[place] }
        }
        self.init(width: size.width, height: size.height, inks: inks)
        if keepsStorage { storage = .inks(inks) }
    }
}

/// The chain of markers that a JPEG file is made of.
struct JPEGMarkers {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether the chain arrives at the end-of-image marker.
    var reachesEnd: Bool { walk { _, _ in } }

    /// The first segment with the given marker whose contents begin with `tag`, without the tag.
    func segment(_ wanted: UInt8, tag: [UInt8]) -> Slice<UnsafeBufferPointer<UInt8>>? {
        var found: Slice<UnsafeBufferPointer<UInt8>>?
        _ = walk { marker, range in
            if found == nil, marker == wanted, bytes[range].starts(with: tag) {
                found = bytes[range].dropFirst(tag.count)
            }
        }
        return found
    }

    /// Calls `visit` with every segment until the end-of-image marker; false when the bytes run out before it.
    private func walk(_ visit: (UInt8, Range<Int>) -> Void) -> Bool {
        var position = 2
        while let (marker, after) = marker(from: position) {
            position = after
            switch marker {
            case 0xd9: return true
            case 0x00, 0x01, 0xd0...0xd8: continue
            default:
                guard after + 2 <= bytes.count else { return false }
                let length = Int(bytes[after]) << 8 | Int(bytes[after + 1])
                guard length >= 2, after + length <= bytes.count else { return false }
                visit(marker, after + 2..<after + length)
                position = after + length
            }
        }
        return false
    }

    /// The next marker at or after `position`, whatever bytes lie before it, and the position behind it.
    private func marker(from position: Int) -> (marker: UInt8, after: Int)? {
        guard position < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + position, 0xff, bytes.count - position)
        else { return nil }
        var next = UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
        while next < bytes.count, bytes[next] == 0xff { next += 1 }
        return next < bytes.count ? (bytes[next], next + 1) : nil
    }
}

extension Data {
    /// Calls `body` with the bytes, keeping the type of what it throws.
    func bound<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
        let result: Result<R, E> = withUnsafeBytes { raw in
            do throws(E) {
                return .success(try body(raw.bindMemory(to: UInt8.self)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
