/// A picture in memory: 8-bit red, green and blue, row by row from the top left.
public struct Picture: Hashable, Sendable {
    /// Pixels per row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Red, green, blue of every pixel: [height, width, 3].
    public let pixels: [UInt8]
    /// How the file had them, where a reader was asked to remember.
    package internal(set) var storage = Storage.colours

    /// What decides how a picture is resized before it becomes red, green and blue.
    package enum Storage: Hashable, Sendable {
        /// Colours or grey.
        case colours
        /// Single bits, which nothing can be between.
        case bits
        /// Places of a palette, and its colours: [places, 3].
        case indexed(palette: [UInt8])
        /// Colours, and the opacity of every pixel: [height, width].
        case alpha([UInt8])
        /// Cyan, magenta, yellow and black: [height, width, 4], 0 for none.
        case inks([UInt8])
    }

    /// A picture of the given pixels, [height, width, 3]; traps unless there are as many as the sizes say.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "Picture: \(width) × \(height) has no pixels")
        precondition(
            pixels.count == width * height * 3, "Picture: \(pixels.count) numbers for \(width) × \(height) × 3")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture whose every pixel `fill` writes, [height, width, 3]; the memory it gets is not cleared.
    init<E: Error>(
        width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Void
    ) throws(E) {
        self.init(width: width, height: height, pixels: try [UInt8](count: width * height * 3, fill: fill))
    }
}

/// A picture of one channel: depth, heat, a digit.
public struct GreyPicture: Hashable, Sendable {
    /// Pixels per row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Bits that a value has in the file: 1, 2, 4, 8 or 16; the largest value is 2^depth - 1.
    public let depth: Int
    /// The values as they stand in the file: [height, width].
    public let values: [UInt16]

    /// A picture of the given values, [height, width]; traps unless there are as many as the sizes say.
    public init(width: Int, height: Int, depth: Int, values: [UInt16]) {
        precondition(width > 0 && height > 0, "GreyPicture: \(width) × \(height) has no pixels")
        precondition(values.count == width * height, "GreyPicture: \(values.count) values for \(width) × \(height)")
        self.width = width
        self.height = height
        self.depth = depth
        self.values = values
    }
}

extension Picture {
    /// One channel as a grey picture; values of another depth than 8 bits are scaled by shifting.
    public init(repeating grey: GreyPicture) {
        let values = grey.bytes
        self.init(width: grey.width, height: grey.height) { pixels in
            for (index, value) in values.enumerated() {
                for channel in 0..<3 { pixels[index * 3 + channel] = value }
            }
        }
    }
}

extension GreyPicture {
    /// The values as 8 bits: 16 bits keep their upper 8, fewer than 8 spread over the whole range.
    public var bytes: [UInt8] {
        switch depth {
        case 8: values.map { UInt8(truncatingIfNeeded: $0) }
        case 16: values.map { UInt8(truncatingIfNeeded: $0 >> 8) }
        default: values.map { UInt8(clamping: Int($0) * 255 / ((1 << depth) - 1)) }
        }
    }
}

extension Array where Element: BitwiseCopyable {
    /// `count` elements, all of which `fill` writes.
    init<E: Error>(count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws(E) -> Void) throws(E) {
        var failure: E?
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(E) {
                try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
