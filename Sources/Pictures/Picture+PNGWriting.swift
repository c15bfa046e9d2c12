import CPNG
public import Foundation

extension Picture {
    /// The picture as a PNG file, without loss.
    public func png() -> Data { PNGWriter.file(width, height, UInt32(PNG_FORMAT_FLAG_COLOR), pixels) }
}

extension GreyPicture {
    /// The upper 8 bits of the picture as a PNG file.
    public func png() -> Data { PNGWriter.file(width, height, 0, bytes) }
}

private enum PNGWriter {
    static func file(_ width: Int, _ height: Int, _ format: UInt32, _ pixels: [UInt8]) -> Data {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.width = png_uint_32(width)
        image.height = png_uint_32(height)
        image.format = format
        defer { png_image_free(&image) }
        // A PNG file is never much larger than its pixels: 5 bytes per 16 KiB, a filter byte per row, the headers.
        var count = pixels.count + pixels.count / 1000 + height * 2 + 4096
        var file = Data(count: count)
        let written = file.withUnsafeMutableBytes { target in
            pixels.withUnsafeBytes {
                png_image_write_to_memory(&image, target.baseAddress, &count, 0, $0.baseAddress, 0, nil)
            }
        }
        precondition(written != 0, "png: \(width) × \(height) does not fit into \(file.count) bytes")
        return file.prefix(count)
    }
}
