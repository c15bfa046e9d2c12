public import Foundation

extension Report {
    /// What a reader can hear or see of an item.
    public enum Media: Sendable {
        /// A recording in a format that browsers play.
        case audio(URL)
        /// A picture in a format that browsers show.
        case image(URL)
        /// A picture in memory.
        case picture(Data, type: String)
    }

    /// An item that was named wrong.
    public struct Mistake: Sendable {
        let name: String
        let right: String
        let taken: String
        let margin: Double
        let media: Media?

        /// `margin` is by how much the wrong name scored higher.
        public init(_ name: String, right: String, taken: String, margin: Double, media: Media? = nil) {
            self.name = name
            self.right = right
            self.taken = taken
            self.margin = margin
            self.media = media
        }

        /// Items above this are linked, not put inside.
        private static let largest = 400_000

        func html(in folder: URL?) -> String {
            """
            <div class="mistake">\(media.map { player($0, folder) } ?? "")\
            <div>\(isSound ? "heard as" : "taken for") <span class="wrong">\(taken.escaped)</span>, is <span class="right">\(right.escaped)</span></div>\
            <div class="name">\(name.escaped) · by \(margin.short)</div></div>
            """
        }

        private var isSound: Bool { if case .audio = media { true } else { false } }

        private func player(_ media: Media, _ folder: URL?) -> String {
            switch media {
            case .audio(let url):
                "<audio controls preload=\"none\" src=\"\(Self.source(url, folder).escaped)\"></audio>"
            case .image(let url): "<img loading=\"lazy\" alt=\"\" src=\"\(Self.source(url, folder).escaped)\">"
            case .picture(let data, let type):
                "<img alt=\"\" style=\"image-rendering:pixelated\" src=\"data:\(type.escaped);base64,\(data.base64EncodedString())\">"
            }
        }

        /// The file itself when it is small, else a link, relative where the file lies below the page's folder.
        private static func source(_ url: URL, _ folder: URL?) -> String {
            let path = url.standardizedFileURL.path(percentEncoded: false)
            let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
            if size > 0, size <= largest, let type = types[url.pathExtension.lowercased()],
                let data = try? Data(contentsOf: url)
            {
                return "data:\(type);base64,\(data.base64EncodedString())"
            }
            let base = (folder?.standardizedFileURL.path(percentEncoded: false)).map {
                $0.hasSuffix("/") ? $0 : $0 + "/"
            }
            if let base, path.hasPrefix(base) {
                let rest = String(path.dropFirst(base.count))
                return rest.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? rest
            }
            return url.standardizedFileURL.absoluteString
        }

        private static let types = [
            "wav": "audio/wav", "ogg": "audio/ogg", "oga": "audio/ogg", "mp3": "audio/mpeg", "flac": "audio/flac",
            "m4a": "audio/mp4", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
            "gif": "image/gif",
        ]
    }
}
