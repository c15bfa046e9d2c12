internal import BinderyBinding
internal import BinderyLayers
internal import BinderyPictures
internal import BinderyTensors
internal import Foundation

extension PictureReader {
    /// The picture that an item names: a JPEG or PNG file, its bytes, or a row of an IDX or NPY file.
    func picture(of item: Item) throws -> Picture {
        switch item.source {
        case .file(let url): try picture(at: url)
        case .bytes(let bytes): try picture(bytes)
        case .row(let url, let row) where url.pathExtension == "npy":
            try Picture(row: row, of: NumpyFile(contentsOf: url), named: url.path)
        case .row(let url, let row): try picture(at: url, item: row)
        case .joined(let parts, _): try Picture(sideBySide: parts.map(picture), source: item.name)
        case .text, .samples: throw ImageError.notPicture(item.name)
        }
    }
}

extension Picture {
    /// Row `row` of an array of bytes, [count, height, width] or [count, height, width, 3].
    fileprivate init(row: Int, of file: NumpyFile, named name: String) throws {
        let size = Array(file.shape.dropFirst())
        guard file.dtype == .u8, size.count == 2 || (size.count == 3 && size.last == 3),
            size.allSatisfy({ (1...65_536).contains($0) }), size.product <= PictureReader.usualPixelLimit * 3
        else { throw ImageError.notRows(name, found: file.shape) }
        let values = try file.row(row).values.map { UInt8($0) }
        if size.count == 3 {
            self.init(width: size[1], height: size[0], pixels: values)
        } else {
            let grey = GreyPicture(width: size[1], height: size[0], depth: 8, values: values.map(UInt16.init))
            self.init(repeating: grey)
        }
    }
}
