import BinderyPictures
import BinderyTensors
import Foundation

/// Draws digits as a hand might: strokes that are turned, leaned, stretched and unsteady, with pens of different width.
struct DigitDrawing {
    fileprivate struct Point {
        var x: Double
        var y: Double
    }

    /// Pixels along each edge.
    static let edge = 28
    /// Corners of the stroke of every digit, x to the right and y down, within 0 and 1.
    private static let strokes: [[(Double, Double)]] = [
        [
            (0.5, 0.08), (0.26, 0.2), (0.2, 0.5), (0.28, 0.82), (0.5, 0.92), (0.74, 0.8), (0.8, 0.5), (0.72, 0.2),
            (0.5, 0.08),
        ],
        [(0.34, 0.26), (0.54, 0.09), (0.54, 0.92)],
        [(0.2, 0.3), (0.32, 0.12), (0.58, 0.08), (0.77, 0.24), (0.68, 0.46), (0.2, 0.9), (0.82, 0.9)],
        [
            (0.22, 0.15), (0.55, 0.08), (0.75, 0.26), (0.62, 0.44), (0.42, 0.48), (0.66, 0.54), (0.8, 0.7), (0.6, 0.9),
            (0.2, 0.86),
        ],
        [(0.66, 0.92), (0.66, 0.08), (0.17, 0.64), (0.86, 0.64)],
        [(0.78, 0.1), (0.3, 0.1), (0.25, 0.46), (0.6, 0.42), (0.8, 0.63), (0.65, 0.88), (0.2, 0.88)],
        [(0.7, 0.1), (0.36, 0.34), (0.22, 0.65), (0.36, 0.9), (0.64, 0.9), (0.78, 0.7), (0.6, 0.52), (0.26, 0.64)],
        [(0.18, 0.1), (0.82, 0.1), (0.42, 0.92)],
        [
            (0.5, 0.48), (0.26, 0.3), (0.4, 0.1), (0.62, 0.1), (0.75, 0.3), (0.5, 0.48), (0.22, 0.7), (0.38, 0.92),
            (0.65, 0.92), (0.8, 0.7), (0.5, 0.48),
        ],
        [
            (0.76, 0.36), (0.5, 0.5), (0.26, 0.36), (0.36, 0.12), (0.65, 0.1), (0.78, 0.32), (0.7, 0.65), (0.45, 0.92),
        ],
    ]

    /// A drawing of `digit`; equal random states draw equal pictures.
    static func draw(_ digit: Int, _ random: inout RandomSource) -> GreyPicture {
        func around(_ middle: Double, _ most: Double) -> Double {
            Double(random.uniform(in: Float(middle - most)...Float(middle + most)))
        }
        let (angle, lean) = (around(0, 0.2), around(0, 0.2))
        let (wide, high) = (around(0.95, 0.12), around(0.95, 0.12))
        let (right, down) = (around(0, 1.6), around(0, 1.6))
        let pen = around(1.25, 0.4)
        let size = 19.0
        let corners = strokes[digit].map { corner in
            let x = (corner.0 - 0.5 + around(0, 0.025)) * wide
            let y = (corner.1 - 0.5 + around(0, 0.025)) * high
            let leaned = x - lean * y
            return Point(
                x: 14 + right + size * (leaned * cos(angle) - y * sin(angle)),
                y: 14 + down + size * (leaned * sin(angle) + y * cos(angle)))
        }
        var levels: [UInt16] = []
        for row in 0..<edge {
            for column in 0..<edge {
                let pixel = Point(x: Double(column) + 0.5, y: Double(row) + 0.5)
                let distance = zip(corners, corners.dropFirst()).map { pixel.distance(from: $0, to: $1) }.min() ?? 99
                let ink = min(max(pen + 0.5 - distance, 0), 1)
                levels.append(UInt16(min(max(ink * 255 + Double(random.normal()) * 6, 0), 255)))
            }
        }
        return GreyPicture(width: edge, height: edge, depth: 8, values: levels)
    }
}

extension DigitDrawing.Point {
    /// The distance to the straight line between two points.
    fileprivate func distance(from a: Self, to b: Self) -> Double {
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let along = ((x - a.x) * dx + (y - a.y) * dy) / max(dx * dx + dy * dy, 1e-9)
        let t = min(max(along, 0), 1)
        return hypot(x - a.x - t * dx, y - a.y - t * dy)
    }
}
