import Foundation

/// How stored pixels must be turned to stand upright: the eight values of EXIF tag 274.
enum Orientation: Int {
    case upright = 1
    case mirrored
    case upsideDown
    case flipped
    case transposed
    case turnedRight
    case transversed
    case turnedLeft

    /// What the EXIF part of a JPEG or PNG file says, upright when it says nothing that can be read.
    init(in file: Data) {
        let found = file.bound { bytes -> Int? in
            let exif =
                bytes.starts(with: [0xff, 0xd8])
                ? JPEGMarkers(bytes).segment(0xe1, tag: Array("Exif\0\0".utf8)).map {
                    UnsafeBufferPointer(rebasing: $0)
                }
                : Orientation.pngEXIF(bytes)
            return exif.flatMap(Orientation.value)
        }
        self = found.flatMap(Orientation.init(rawValue:)) ?? .upright
    }

    private static func pngEXIF(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var position = 8
        while position + 12 <= bytes.count {
            let length = Int(bytes.number(at: position, bytes: 4, bigEndian: true) ?? 0)
            guard length <= bytes.count - position - 12 else { return nil }
            if bytes[(position + 4)..<(position + 8)].elementsEqual("eXIf".utf8) {
                return UnsafeBufferPointer(rebasing: bytes[(position + 8)..<(position + 8 + length)])
            }
            position += 12 + length
        }
        return nil
    }

    /// The value of tag 274 in the first directory of a TIFF structure.
    private static func value(_ tiff: UnsafeBufferPointer<UInt8>) -> Int? {
        guard tiff.count >= 8, tiff[0] == tiff[1], tiff[0] == 0x49 || tiff[0] == 0x4d else { return nil }
        let isBig = tiff[0] == 0x4d
        guard let directory = tiff.number(at: 4, bytes: 4, bigEndian: isBig),
            let entries = tiff.number(at: directory, bytes: 2, bigEndian: isBig)
        else { return nil }
        for entry in 0..<entries {
            let place = directory + 2 + entry * 12
            guard let tag = tiff.number(at: place, bytes: 2, bigEndian: isBig) else { return nil }
            if tag == 274 { return tiff.number(at: place + 8, bytes: 2, bigEndian: isBig) }
        }
        return nil
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// An unsigned number of `bytes` bytes, nil when it lies outside.
    fileprivate func number(at place: Int, bytes: Int, bigEndian: Bool) -> Int? {
        guard place >= 0, place <= count - bytes else { return nil }
        let digits = self[place..<(place + bytes)]
        return bigEndian ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

extension Picture {
    /// The pixels turned and mirrored so that the picture stands upright.
    func oriented(_ orientation: Orientation) -> Picture {
        guard orientation != .upright else { return self }
        let isTurned = orientation.rawValue >= Orientation.transposed.rawValue
        let (newWidth, newHeight) = isTurned ? (height, width) : (width, height)
        return Picture(width: newWidth, height: newHeight) { target in
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<newHeight {
                    for x in 0..<newWidth {
                        let (column, row) =
                            switch orientation {
                            case .upright: (x, y)
                            case .mirrored: (width - 1 - x, y)
                            case .upsideDown: (width - 1 - x, height - 1 - y)
                            case .flipped: (x, height - 1 - y)
                            case .transposed: (y, x)
                            case .turnedRight: (y, height - 1 - x)
                            case .transversed: (width - 1 - y, height - 1 - x)
                            case .turnedLeft: (width - 1 - y, x)
                            }
                        let from = (row * width + column) * 3
                        let to = (y * newWidth + x) * 3
                        for channel in 0..<3 { target[to + channel] = source[from + channel] }
                    }
                }
            }
        }
    }
}
