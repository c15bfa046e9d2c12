internal import BinderyLayers
internal import BinderyTensors

/// Random changes of a picture's colours (Chen and others 2020, appendix A).
struct PictureColours: Sendable {
    private let probability: Float
    private let brightness: Float
    private let contrast: Float
    private let saturation: Float
    private let hue: Float
    private let grey: Float

    static let keys = ["brightness", "contrast", "saturation", "hue", "colours", "grey"]

    /// Reads `brightness`, `contrast` and `saturation` (factors from 1 − s to 1 + s), `hue` (a share of the circle, either
    /// way), `colours` (the probability of these four, 1 unless said) and `grey` (the probability of no colour).
    init(_ config: Config) throws {
        brightness = Float(try config.number("brightness", in: 0...1, or: 0))
        contrast = Float(try config.number("contrast", in: 0...1, or: 0))
        saturation = Float(try config.number("saturation", in: 0...1, or: 0))
        hue = Float(try config.number("hue", in: 0...0.5, or: 0))
        probability = Float(try config.number("colours", in: 0...1, or: 1))
        grey = Float(try config.number("grey", in: 0...1, or: 0))
    }

    /// Changes a picture of values from 0 to 1 in place; they stay within.
    func callAsFunction(_ pixels: inout [Float], channels: Int, _ random: inout RandomSource) {
        let isChanged = random.uniform() < probability
        let light = random.uniform(in: 1 - brightness...1 + brightness)
        let spread = random.uniform(in: 1 - contrast...1 + contrast)
        let colour = random.uniform(in: 1 - saturation...1 + saturation)
        let turn = random.uniform(in: -hue...hue)
        let isGrey = random.uniform() < grey
        if isChanged {
            if brightness > 0 { for place in pixels.indices { pixels[place] = min(pixels[place] * light, 1) } }
            if contrast > 0 {
                let mean = Self.meanLuma(pixels, channels)
                for place in pixels.indices {
                    pixels[place] = min(max(mean + (pixels[place] - mean) * spread, 0), 1)
                }
            }
            if channels == 3, saturation > 0 { Self.saturate(&pixels, colour) }
            if channels == 3, hue > 0 { Self.rotate(&pixels, turn) }
        }
        if channels == 3, isGrey { Self.saturate(&pixels, 0) }
    }

    private static func luma(_ red: Float, _ green: Float, _ blue: Float) -> Float {
        0.299 * red + 0.587 * green + 0.114 * blue
    }

    private static func meanLuma(_ pixels: [Float], _ channels: Int) -> Float {
        guard channels == 3 else { return Float(pixels.reduce(0) { $0 + Double($1) } / Double(pixels.count)) }
        var sum = 0.0
        for place in stride(from: 0, to: pixels.count, by: 3) {
            sum += Double(luma(pixels[place], pixels[place + 1], pixels[place + 2]))
        }
        return Float(sum / Double(pixels.count / 3))
    }

    private static func saturate(_ pixels: inout [Float], _ factor: Float) {
        for place in stride(from: 0, to: pixels.count, by: 3) {
            let grey = luma(pixels[place], pixels[place + 1], pixels[place + 2])
            for channel in place..<place + 3 {
                pixels[channel] = min(max(grey + (pixels[channel] - grey) * factor, 0), 1)
            }
        }
    }

    /// Turns every colour round the circle by a share of it: hue in HSV.
    private static func rotate(_ pixels: inout [Float], _ turn: Float) {
        for place in stride(from: 0, to: pixels.count, by: 3) {
            let (red, green, blue) = (pixels[place], pixels[place + 1], pixels[place + 2])
            let (high, low) = (max(red, green, blue), min(red, green, blue))
            let chroma = high - low
            guard chroma > 0 else { continue }
            let sector =
                high == red
                ? (green - blue) / chroma : high == green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
            let hue = sector + 6 * turn + 12
            for (channel, shift) in [5, 3, 1].enumerated() {
                let k = (hue + Float(shift)).truncatingRemainder(dividingBy: 6)
                pixels[place + channel] = high - chroma * max(0, min(k, 4 - k, 1))
            }
        }
    }
}
