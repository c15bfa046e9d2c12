public import BinderyBinding

extension PictureReader {
    /// The picture that an item is: a file, an item of an IDX file, or the bytes of a file.
    public func picture(_ item: Item) throws(PictureError) -> Picture {
        switch item.source {
        case .file(let url): try picture(at: url)
        case .row(let url, let row): try picture(at: url, item: row)
        case .bytes(let data): try picture(data)
        case .joined(let parts, _):
            try Picture(
                sideBySide: parts.map { part throws(PictureError) in try picture(part) }, source: item.name)
        case .text, .samples: throw .unreadable(source: item.name, reason: "it is not a picture file")
        }
    }

    /// The one-channel picture that an item is.
    public func greyPicture(_ item: Item) throws(PictureError) -> GreyPicture {
        switch item.source {
        case .file(let url): try greyPicture(at: url)
        case .row(let url, let row): try greyPicture(at: url, item: row)
        case .bytes(let data): try greyPicture(data)
        case .text, .samples, .joined: throw .unreadable(source: item.name, reason: "it is not a picture file")
        }
    }
}
