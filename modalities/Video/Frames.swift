import BinderyBinding
import BinderyPictures
import Foundation

/// The frames of a video, in the order in which they are shown.
struct Frames: Sendable {
    private let urls: [URL]
    private let single: Item?

    /// How many there are.
    var count: Int { single == nil ? urls.count : 1 }

    /// The most frames of a folder.
    static let most = 1 << 20

    /// The pictures in a folder, sorted by name so that 9 comes before 10; or one picture, which stands still.
    init(_ item: Item) throws {
        guard case .file(let url) = item.source,
            (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
        else {
            (urls, single) = ([], item)
            return
        }
        let known = ["jpg", "jpeg", "png"]
        urls = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
            .filter { known.contains($0.pathExtension.lowercased()) && !$0.lastPathComponent.hasPrefix(".") }
            .sorted { Frames.name($0.lastPathComponent, isBefore: $1.lastPathComponent) }
        single = nil
        guard !urls.isEmpty, urls.count <= Frames.most else { throw VideoError(source: item.name, found: urls.count) }
    }

    /// Frame `index`.
    func picture(_ index: Int, _ reader: PictureReader) throws -> Picture {
        if let single { return try reader.picture(single) }
        return try reader.picture(at: urls[index])
    }

    /// Whether a name comes before another when runs of digits count as numbers.
    static func name(_ a: String, isBefore b: String) -> Bool {
        let (left, right) = (parts(a), parts(b))
        for (x, y) in zip(left, right) where x != y {
            let bothNumbers = x.first?.isNumber == true && y.first?.isNumber == true
            if bothNumbers, x.trimmed.count != y.trimmed.count { return x.trimmed.count < y.trimmed.count }
            if bothNumbers, x.trimmed != y.trimmed { return x.trimmed < y.trimmed }
            return x < y
        }
        return left.count < right.count
    }

    /// Runs of digits and what stands between them.
    private static func parts(_ name: String) -> [Substring] {
        var parts: [Substring] = []
        for index in name.indices {
            let isNumber = "0"..."9" ~= name[index]
            if let last = parts.last, let first = last.first, ("0"..."9" ~= first) == isNumber {
                parts[parts.count - 1] = name[last.startIndex...index]
            } else {
                parts.append(name[index...index])
            }
        }
        return parts
    }
}

extension Substring {
    /// A number without the zeros before it.
    fileprivate var trimmed: Substring { drop { $0 == "0" } }
}

/// A folder that is no video.
struct VideoError: Error, CustomStringConvertible {
    let source: String
    let found: Int

    var description: String {
        found == 0
            ? "\(source) holds no frames; put them there as .jpg or .png files, named in their order"
            : "\(source) holds \(found) frames, more than the \(Frames.most) that are read; leave some out"
    }
}
