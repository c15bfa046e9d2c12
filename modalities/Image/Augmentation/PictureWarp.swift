internal import BinderyLayers
internal import BinderyTensors
internal import Foundation

/// A random cut and a random affine map, both at once: every new pixel looks up its place by bilinear interpolation; beyond
/// the picture everything is black.
struct PictureWarp: Sendable {
    /// The share of the picture's area that a cut has, and its proportions beside the picture's own.
    private let area: ClosedRange<Float>
    private let ratio: ClosedRange<Float>
    private let flip: Float
    /// In radians.
    private let turn: Float
    private let stretch: ClosedRange<Float>
    private let shear: Float
    /// In pixels.
    private let move: Float
    private let isNone: Bool

    static let keys = ["crop", "flip", "turn", "stretch", "shear", "move"]

    /// Reads `crop` (`area`, `ratio`), `flip` (a probability), `turn` (degrees, either way), `stretch` (factors for each
    /// axis), `shear` and `move` (pixels, either way).
    init(_ config: Config) throws {
        let crop = config["crop"] ?? .empty
        try crop.allow(only: ["area", "ratio"])
        area = config["crop"] == nil ? 1...1 : try crop.span("area", in: 0.001...1, or: 0.08...1)
        ratio = config["crop"] == nil ? 1...1 : try crop.span("ratio", in: 0.1...10, or: 0.75...4 / 3)
        flip = Float(try config.number("flip", in: 0...1, or: 0))
        turn = Float(try config.number("turn", in: 0...180, or: 0) * .pi / 180)
        stretch = try config.span("stretch", in: 0.1...10, or: 1...1)
        shear = Float(try config.number("shear", in: 0...10, or: 0))
        move = Float(try config.number("move", in: 0...16_384, or: 0))
        isNone = Self.keys.allSatisfy { config[$0] == nil }
    }

    /// A warped copy of a picture, [H, W, C].
    func callAsFunction(
        _ pixels: [Float], _ shape: (height: Int, width: Int, channels: Int), _ random: inout RandomSource
    ) -> [Float] {
        guard !isNone else { return pixels }
        let map = draw(shape, &random)
        let (height, width, channels) = shape
        return [Float](unsafeUninitializedCapacity: pixels.count) { target, count in
            pixels.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    for column in 0..<width {
                        // From -1 to 1 along each axis, as the pixel's middle lies.
                        let v = (Float(2 * row) + 1) / Float(height) - 1
                        let u = (Float(2 * column) + 1) / Float(width) - 1
                        let x = ((map.x.0 * u + map.x.1 * v + map.x.2 + 1) * Float(width) - 1) / 2
                        let y = ((map.y.0 * u + map.y.1 * v + map.y.2 + 1) * Float(height) - 1) / 2
                        let place = (row * width + column) * channels
                        guard x > -1, y > -1, x < Float(width), y < Float(height) else {
                            for channel in 0..<channels { target[place + channel] = 0 }
                            continue
                        }
                        let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
                        let (right, down) = (x - Float(left), y - Float(top))
                        for channel in 0..<channels {
                            func at(_ row: Int, _ column: Int) -> Float {
                                guard row >= 0, row < height, column >= 0, column < width else { return 0 }
                                return source[(row * width + column) * channels + channel]
                            }
                            let above = at(top, left) * (1 - right) + at(top, left + 1) * right
                            let below = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
                            target[place + channel] = above * (1 - down) + below * down
                        }
                    }
                }
            }
            count = pixels.count
        }
    }

    /// x and y in the picture as linear functions of u and v in the result, all from -1 to 1.
    private func draw(
        _ shape: (height: Int, width: Int, channels: Int), _ random: inout RandomSource
    ) -> (x: (Float, Float, Float), y: (Float, Float, Float)) {
        let angle = random.uniform(in: -turn...turn)
        let (tallness, wideness) = (random.uniform(in: stretch), random.uniform(in: stretch))
        let slant = random.uniform(in: -shear...shear)
        let across = random.uniform(in: -move...move) * 2 / Float(shape.width)
        let along = random.uniform(in: -move...move) * 2 / Float(shape.height)
        let (cosine, sine) = (cos(angle), sin(angle))
        let share = random.uniform(in: area)
        let slimness = exp(random.uniform(in: log(ratio.lowerBound)...log(ratio.upperBound)))
        let cut = (width: min(sqrt(share * slimness), 1), height: min(sqrt(share / slimness), 1))
        let middle = (
            x: random.uniform(in: -(1 - cut.width)...(1 - cut.width)),
            y: random.uniform(in: -(1 - cut.height)...(1 - cut.height))
        )
        let mirror: Float = random.uniform() < flip ? -1 : 1
        let x = (wideness * cosine, wideness * (slant * cosine - sine), across)
        let y = (tallness * sine, tallness * (cosine + slant * sine), along)
        return (
            (mirror * cut.width * x.0, mirror * cut.width * x.1, cut.width * x.2 + middle.x),
            (cut.height * y.0, cut.height * y.1, cut.height * y.2 + middle.y)
        )
    }
}
