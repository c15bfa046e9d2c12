import CKernels
import CPNGRows
import Foundation

/// The bytes of a PNG file, read through libpng.
private struct PNGFile {
    let bytes: Data
    let source: String

    /// The header, once its pixels are known to be within the limit.
    func header(pixelLimit: Int) throws(PictureError) -> pngrows_header {
        var header = pngrows_header()
        try call { (file, message) in
            file.baseAddress.map { pngrows_read_header($0, file.count, &header, message) } ?? false
        }
        let (width, height) = (Int(header.width), Int(header.height))
        guard width > 0, height > 0, width <= pixelLimit / height else {
            throw .tooLarge(source: source, width: width, height: height, limit: pixelLimit)
        }
        return header
    }

    func read(_ layout: pngrows_layout, into target: UnsafeMutableRawPointer?) throws(PictureError) {
        try call { (file, message) in
            guard let start = file.baseAddress, let target else { return false }
            return pngrows_read_pixels(start, file.count, layout, target, message)
        }
    }

    /// The colours of the palette, [places, 3]; none where there is no chunk of them.
    var palette: [UInt8] {
        var rest = bytes.dropFirst(8)
        while rest.count >= 12 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let contents = rest.dropFirst(8).prefix(length)
            if rest.dropFirst(4).starts(with: "PLTE".utf8) { return Array(contents) }
            rest = rest.dropFirst(length + 12)
        }
        return []
    }

    private func call(
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutablePointer<CChar>) -> Bool
    ) throws(PictureError) {
        let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: pngrows_message_size) {
            message -> String? in
            message.initialize(repeating: 0)
            guard let start = message.baseAddress else { return nil }
            return bytes.bound { body($0, start) } ? nil : String(cString: start)
        }
        if let reason { throw .damaged(source: source, format: "PNG", reason: reason) }
    }
}

extension Picture {
    /// Decodes a PNG file: palettes are looked up, grey is repeated, alpha is dropped without blending, 16 bits keep
    /// their upper 8, gamma is left alone.
    ///
    /// With `keepsStorage` it remembers how the file had them.
    init(png bytes: Data, source: String, pixelLimit: Int, keepsStorage: Bool = false) throws(PictureError) {
        let file = PNGFile(bytes: bytes, source: source)
        let header = try file.header(pixelLimit: pixelLimit)
        if keepsStorage, header.has_alpha {
            try self.init(rgba: file, width: Int(header.width), height: Int(header.height))
            return
        }
        try self.init(width: Int(header.width), height: Int(header.height)) { target throws(PictureError) in
            try file.read(pngrows_rgb8, into: target.baseAddress)
        }
        if keepsStorage, header.is_indexed { storage = header.has_color ? .indexed(palette: file.palette) : .bits }
    }
}

extension Picture {
    private init(rgba file: PNGFile, width: Int, height: Int) throws(PictureError) {
        let all = try [UInt8](count: width * height * 4) { target throws(PictureError) in
            try file.read(pngrows_rgba8, into: target.baseAddress)
        }
        self.init(width: width, height: height) { target in
            for pixel in 0..<width * height {
                for channel in 0..<3 { target[pixel * 3 + channel] = all[pixel * 4 + channel] }
            }
        }
        storage = .alpha((0..<width * height).map { all[$0 * 4 + 3] })
    }
}

extension GreyPicture {
    /// Decodes a PNG file without colour, nil when it has colour.
    init?(png bytes: Data, source: String, pixelLimit: Int) throws(PictureError) {
        let file = PNGFile(bytes: bytes, source: source)
        let header = try file.header(pixelLimit: pixelLimit)
        guard !header.has_color else { return nil }
        let (width, height) = (Int(header.width), Int(header.height))
        let values = try [UInt16](count: width * height) { target throws(PictureError) in
            try file.read(pngrows_grey16, into: target.baseAddress)
        }
        self.init(width: width, height: height, depth: Int(header.depth), values: values)
    }

    /// The ITU-R 601-2 luma of a picture, 8 bits, as Pillow computes it.
    public init(lumaOf picture: Picture) {
        let luma = [UInt8](count: picture.width * picture.height) { target in
            picture.pixels.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                ck_rgb_to_luma(from, target.count, to)
            }
        }
        self.init(width: picture.width, height: picture.height, depth: 8, values: luma.map(UInt16.init))
    }
}
