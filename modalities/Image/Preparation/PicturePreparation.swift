public import BinderyBinding
import BinderyLayers
public import BinderyPictures
public import BinderyTensors

/// What the published preprocessors do to a picture: resize, cut out the middle, scale, normalise.
///
/// Pixels are rounded to 8 bits after the resize, as Pillow does. The result is [height, width, channels], channels last.
public struct PicturePreparation: Sendable {
    /// How the offset of a centred crop is rounded where one pixel is left over.
    enum Centre: String, CaseIterable, Sendable {
        /// Down (transformers).
        case floor
        /// To the even one (torchvision).
        case even
    }

    let fit: PictureFit
    let size: PixelSize
    let crop: PixelSize?
    let centre: Centre
    let kernel: Resampling
    /// 1 or 3.
    let channels: Int
    let patch: Int
    let mostPatches: Int
    /// What continues the numbers of a picture where a crop is larger than it.
    let filling: UInt8
    /// The value of each of the 256 levels, for each channel.
    private let levels: [[Float]]
    /// The same, for values from 0 to 1.
    let pixelLevels: PictureLevels
    private let reader: PictureReader

    /// The keys of a configuration.
    static let keys = [
        "resize", "size", "crop", "centre", "kernel", "scale", "mean", "deviation", "patch", "patches", "fill",
        "colours",
    ]
    /// The most pixels of a prepared picture.
    static let mostPixels = 1 << 25

    /// Reads `resize` (`shortest` unless told), `size` and `crop` ([height, width] or one number for both), `centre`,
    /// `kernel` (`bicubic`), `scale` (1/255), `mean` and `deviation` (CLIP's), `patch` and `patches` for the resize of that
    /// name, `fill`, and `colours`: whether palettes, alpha and inks become colours `first`, or `last` behind the resize.
    ///
    /// Throws when a key is unknown or a value out of range.
    init(_ config: Config, usual target: PixelSize, patch: Int, channels: Int) throws {
        try config.allow(only: Self.keys)
        self.channels = channels
        let order = try config.text("colours", or: "first")
        guard ["first", "last"].contains(order) else {
            throw ConfigError.wrong("colours", "first or last", .text(order))
        }
        reader = PictureReader(keepsStorage: order == "last")
        fit = try config.choice("resize", or: target.height == target.width ? .shortest : .cover)
        size = try config.pixelSize("size", or: target)
        crop = try config.pixelSize("crop")
        centre = try config.choice("centre", or: .even)
        let kernels = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
        let name = try config.text("kernel", or: "bicubic")
        guard let code = kernels.firstIndex(of: name), let kernel = Resampling(rawValue: code) else {
            throw ConfigError.wrong("kernel", "one of " + kernels.joined(separator: ", "), .text(name))
        }
        self.kernel = kernel
        self.patch = try config.integer("patch", in: 1...4096, or: patch)
        mostPatches = try config.integer("patches", in: 1...16_384, or: 256)
        filling = UInt8(try config.integer("fill", in: 0...255, or: 0))
        let scale = try config.number("scale", in: 0...1e6, or: 1 / 255)
        let means = try config.perChannel("mean", channels, or: channels == 3 ? Self.mean : [0.5], in: -1e6...1e6)
        let deviations = try config.perChannel(
            "deviation", channels, or: channels == 3 ? Self.deviation : [0.5], in: 1e-6...1e6)
        pixelLevels = PictureLevels(
            low: zip(means, deviations).map { -Float($0) / Float($1) },
            span: deviations.map { Float(255 * scale) / Float($0) })
        levels = zip(means, deviations).map { mean, deviation in
            (0..<256).map { (Float(Double($0) * scale) - Float(mean)) / Float(deviation) }
        }
    }

    /// The means and deviations of CLIP's training pictures.
    private static let mean = [0.48145466, 0.4578275, 0.40821073]
    private static let deviation = [0.26862954, 0.26130258, 0.27577711]

    /// The picture that an item names, as the network sees it; throws one sentence when there is none.
    public func callAsFunction(_ item: Item) throws -> Tensor {
        try self(try reader.picture(of: item), named: item.name)
    }

    /// The picture that an item names as the one clip of a network whose last map has a `shrunk`th of its sides.
    ///
    /// Throws when there is none, or when that map would have no place or more than 4096.
    func clips(of item: Item, shrunk: Int) throws -> Clips<Tensor> {
        let picture = try self(item)
        let (rows, columns, most) = (picture.shape[0] / shrunk, picture.shape[1] / shrunk, 4096)
        guard rows > 0, columns > 0, rows * columns <= most else {
            throw ImageError.wrongPatches(item.name, rows: rows, columns: columns, most: most)
        }
        return Clips(picture)
    }

    /// [height, width, channels] of a decoded picture; throws when its proportions make it too large.
    public func callAsFunction(_ picture: Picture, named name: String = "the picture") throws -> Tensor {
        let whole = PixelSize(height: picture.height, width: picture.width)
        let fitted = whole.fitted(fit, to: size, patch: patch, most: mostPatches)
        let cut = crop ?? fitted
        let (area, overflow) = cut.height.multipliedReportingOverflow(by: cut.width)
        guard !overflow, area <= Self.mostPixels, max(fitted.height, fitted.width) <= 1 << 30 else {
            throw ImageError.tooElongated(name, width: cut.width, height: cut.height)
        }
        let rows = centre.range(cut.height, in: fitted.height)
        let columns = centre.range(cut.width, in: fitted.width)
        let window = Window(
            columns: columns.clamped(to: 0..<fitted.width), rows: rows.clamped(to: 0..<fitted.height))
        let resized = picture.resizedAsStored(width: fitted.width, height: fitted.height, by: kernel, window: window)
        return normalised(
            resized, in: cut, top: window.rows.lowerBound - rows.lowerBound,
            left: window.columns.lowerBound - columns.lowerBound, surroundings: picture.surroundings(filling))
    }

    /// The levels of the pixels, and those of the surroundings where `size` reaches beyond the picture.
    private func normalised(
        _ picture: Picture, in size: PixelSize, top: Int, left: Int, surroundings: [UInt8]
    ) -> Tensor {
        let pixels = channels(of: picture)
        let surroundings = channels(of: Picture(width: 1, height: 1, pixels: surroundings))
        return Tensor(shape: [size.height, size.width, channels]) { target in
            for channel in 0..<channels {
                levels[channel].withUnsafeBufferPointer { levels in
                    if picture.height < size.height || picture.width < size.width {
                        for place in stride(from: channel, to: target.count, by: channels) {
                            target[place] = levels[Int(surroundings[channel])]
                        }
                    }
                    pixels.withUnsafeBufferPointer { pixels in
                        for row in 0..<picture.height {
                            let to = ((top + row) * size.width + left) * channels + channel
                            let from = row * picture.width * channels + channel
                            for column in 0..<picture.width {
                                target[to + column * channels] = levels[Int(pixels[from + column * channels])]
                            }
                        }
                    }
                }
            }
        }
    }

    private func channels(of picture: Picture) -> [UInt8] {
        channels == 3 ? picture.pixels : GreyPicture(lumaOf: picture).bytes
    }
}

extension PicturePreparation.Centre {
    /// The middle `length` of `whole`; it reaches beyond both ends where that is less.
    fileprivate func range(_ length: Int, in whole: Int) -> Range<Int> {
        let rest = whole - length
        let start =
            switch self {
            case .floor: rest >> 1
            // Pictures that are too small are first filled up, with the smaller half before them.
            case .even where rest < 0: -(-rest >> 1)
            case .even: Int((Double(rest) / 2).rounded(.toNearestOrEven))
            }
        return start..<start + length
    }
}

extension Config {
    /// Height and width at `key`, or one number for both; nil when the key is absent.
    func pixelSize(_ key: String) throws(ConfigError) -> PixelSize? {
        guard let value = self[key] else { return nil }
        if value.asList != nil {
            let sizes = try integers(key, in: 1...16_384, most: 2)
            guard sizes.count == 2 else { throw .wrong(key, "height and width", value) }
            return PixelSize(height: sizes[0], width: sizes[1])
        }
        let edge = try integer(key, in: 1...16_384)
        return PixelSize(height: edge, width: edge)
    }

    /// Height and width at `key`, or `fallback` when the key is absent.
    func pixelSize(_ key: String, or fallback: PixelSize) throws(ConfigError) -> PixelSize {
        try pixelSize(key) ?? fallback
    }

    /// One number for each channel, from a list of as many or from a single one.
    fileprivate func perChannel(
        _ key: String, _ channels: Int, or fallback: [Double], in range: ClosedRange<Double>
    ) throws(ConfigError) -> [Double] {
        let values = self[key].map { $0.asList ?? [$0] }?.map(\.asNumber) ?? fallback
        let numbers = values.compactMap { $0 }.filter(range.contains)
        guard numbers.count == values.count, [1, channels].contains(numbers.count) else {
            throw .wrong(key, "a number or \(channels) of them", self[key] ?? .null)
        }
        return numbers.count == 1 ? Array(repeating: numbers[0], count: channels) : numbers
    }
}
