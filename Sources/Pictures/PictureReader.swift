public import Foundation
import Synchronization

/// Reads pictures from files and bytes: JPEG, PNG, and items of IDX files.
///
/// Pixels come as stored. The orientation that cameras note beside them is applied on demand only, since the published
/// preprocessors leave it alone.
public final class PictureReader: Sendable {
    /// The most pixels a picture may have unless told otherwise: what Pillow calls a decompression bomb.
    public static let usualPixelLimit = 89_478_485

    /// The most pixels a picture may have; more is refused before any memory is taken for them.
    public let pixelLimit: Int
    /// Whether to turn and mirror pixels as the file's EXIF orientation says.
    public let appliesOrientation: Bool
    /// Whether pictures remember how their file had them, for a resize that comes before the colours.
    public let keepsStorage: Bool
    private let opened = Mutex<[IDXFile]>([])

    /// A reader that refuses pictures above `pixelLimit` pixels.
    public init(pixelLimit: Int = usualPixelLimit, appliesOrientation: Bool = false, keepsStorage: Bool = false) {
        self.keepsStorage = keepsStorage
        self.pixelLimit = pixelLimit
        self.appliesOrientation = appliesOrientation
    }

    /// The picture in a JPEG or PNG file.
    public func picture(at url: URL) throws(PictureError) -> Picture {
        try picture(try Data(pictureFile: url), from: url.path)
    }

    /// The picture in the bytes of a JPEG or PNG file; `source` names them in errors.
    public func picture(_ bytes: Data, from source: String = "the picture") throws(PictureError) -> Picture {
        let picture =
            switch try PictureFormat(of: bytes, source: source) {
            case .jpeg:
                try Picture(jpeg: bytes, source: source, pixelLimit: pixelLimit, keepsStorage: keepsStorage)
            case .png:
                try Picture(png: bytes, source: source, pixelLimit: pixelLimit, keepsStorage: keepsStorage)
            }
        return appliesOrientation ? picture.oriented(Orientation(in: bytes)) : picture
    }

    /// Item `item`, counted from 0, of an IDX file, gzipped or not.
    public func picture(at url: URL, item: Int) throws(PictureError) -> Picture {
        Picture(repeating: try greyPicture(at: url, item: item))
    }

    /// Item `item`, counted from 0, of an IDX file, as its one channel.
    public func greyPicture(at url: URL, item: Int) throws(PictureError) -> GreyPicture {
        try file(at: url).greyPicture(item)
    }

    /// The one-channel picture in a file: a PNG without colour as it is stored, at up to 16 bits; any other picture as
    /// its 8-bit luma.
    public func greyPicture(at url: URL) throws(PictureError) -> GreyPicture {
        try greyPicture(try Data(pictureFile: url), from: url.path)
    }

    /// The one-channel picture in the bytes of a file, as `greyPicture(at:)`.
    public func greyPicture(_ bytes: Data, from source: String = "the picture") throws(PictureError) -> GreyPicture {
        if try PictureFormat(of: bytes, source: source) == .png, !appliesOrientation,
            let grey = try GreyPicture(png: bytes, source: source, pixelLimit: pixelLimit)
        {
            return grey
        }
        return GreyPicture(lumaOf: try picture(bytes, from: source))
    }

    /// An IDX file as read the last time, unless it changed since: a data set is inflated once, not once per item.
    private func file(at url: URL) throws(PictureError) -> IDXFile {
        let stamp = FileStamp(of: url)
        if let known = opened.withLock({ $0.first { $0.url == url && $0.stamp == stamp } }) { return known }
        let file = try IDXFile(at: url, stamp: stamp)
        opened.withLock { opened in
            opened.removeAll { $0.url == url }
            opened.append(file)
            while opened.count > 1, opened.reduce(0, { $0 + $1.pixels.count }) > IDXFile.mostKept {
                opened.removeFirst()
            }
        }
        return file
    }
}

/// What tells that a file changed.
struct FileStamp: Hashable {
    let size: Int?
    let modified: Date?

    init(of url: URL) {
        let values = try? url.resourceValues(forKeys: [.fileSizeKey, .contentModificationDateKey])
        size = values?.fileSize
        modified = values?.contentModificationDate
    }
}

extension Data {
    /// The most bytes that a picture file may have.
    static let mostPictureBytes = 1 << 29

    /// The contents of a regular file of acceptable size.
    init(pictureFile url: URL, limit: Int = mostPictureBytes) throws(PictureError) {
        func refuse(_ reason: String) -> PictureError { .unreadable(source: url.path, reason: reason) }
        let path = url.resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw refuse("there is no such file; check the path")
        }
        switch attributes[.type] as? FileAttributeType {
        case .typeRegular: break
        case .typeDirectory: throw refuse("it is a folder; name the files in it")
        default: throw refuse("it is not a regular file")
        }
        let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        guard size > 0 else { throw refuse("it is empty") }
        guard size <= limit else { throw refuse("its \(size) bytes are more than the \(limit) allowed") }
        guard let bytes = try? Data(contentsOf: url) else { throw refuse("check its permissions") }
        self = bytes
    }
}
