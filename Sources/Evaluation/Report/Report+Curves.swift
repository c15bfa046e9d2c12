import Foundation

extension Report {
    /// Lines over a common axis.
    public struct Curves: Sendable {
        /// A line through points, with a band around it where there is one.
        public struct Line: Sendable {
            let name: String
            let points: [(x: Double, y: Double)]
            let band: [Interval]?

            /// A line, without the points that are not finite.
            ///
            /// Traps unless a band has one interval per point.
            public init(_ name: String, _ points: [(x: Double, y: Double)], band: [Interval]? = nil) {
                precondition(band.map { $0.count == points.count } ?? true, "Curves: one interval per point")
                let kept = points.indices.filter { points[$0].x.isFinite && points[$0].y.isFinite }
                self.name = name
                self.points = kept.map { points[$0] }
                self.band = band.map { band in kept.map { band[$0] } }
            }
        }

        let x: String
        let y: String
        let lines: [Line]
        let isLogarithmic: Bool
        let range: Interval?

        /// Lines with the names of both axes; the horizontal one may be logarithmic, `range` fixes the vertical one.
        public init(x: String, y: String, _ lines: [Line], isLogarithmic: Bool = false, range: Interval? = nil) {
            self.x = x
            self.y = y
            self.lines = lines
            self.isLogarithmic = isLogarithmic
            self.range = range
        }
    }
}

extension Report.Curves {
    private static let colours = ["var(--accent)", "var(--warm)", "var(--right)", "var(--wrong)", "var(--soft)"]

    var html: String {
        let points = lines.flatMap(\.points)
        guard !points.isEmpty else { return "<p class=\"note\">There is nothing to draw.</p>" }
        let ys = points.map(\.y) + lines.flatMap { $0.band ?? [] }.flatMap { [$0.low, $0.high] }.filter(\.isFinite)
        let frame = Frame(
            x: Axis(points.map(\.x), isLogarithmic: isLogarithmic, length: 800),
            y: Axis(range.map { [$0.low, $0.high] } ?? ys, isLogarithmic: false, length: 256))
        let drawn = lines.enumerated().map { index, line in
            line.svg(frame, Self.colours[index % Self.colours.count])
        }
        let legend = lines.enumerated().map { index, line in
            "<span><i style=\"background:\(Self.colours[index % Self.colours.count])\"></i>\(line.name.escaped)</span>"
        }
        return """
            <div class="wide"><svg role="img" width="890" height="334" viewBox="0 0 890 334">\(frame.svg(x, y))\
            \(drawn.joined())</svg></div><div class="legend">\(legend.joined())</div>
            """
    }
}

/// From values to places along one side of a drawing.
private struct Axis {
    let low: Double
    let high: Double
    let isLogarithmic: Bool
    let length: Double
    let ticks: [Double]

    init(_ values: [Double], isLogarithmic: Bool, length: Double) {
        let isLogarithmic = isLogarithmic && values.allSatisfy { $0 > 0 }
        let (least, most) = (values.min() ?? 0, values.max() ?? 1)
        self.isLogarithmic = isLogarithmic
        self.length = length
        if isLogarithmic {
            (low, high) = (least, most > least ? most : least * 10)
            let distinct = Set(values).sorted()
            ticks = distinct.count <= 9 ? distinct : Self.decades(low, high)
        } else {
            let span = most > least ? most - least : max(abs(most), 1)
            let raw = span / 5
            let power = pow(10, floor(log10(raw)))
            let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= raw * 0.999 } ?? power * 10
            let first = (least / step + 1e-9).rounded(.down) * step
            let count = min(Int(((least + span - first) / step - 1e-9).rounded(.up)), 50)
            ticks = (0...max(count, 1)).map { first + Double($0) * step }
            (low, high) = (ticks[0], ticks[ticks.count - 1])
        }
    }

    private static func decades(_ low: Double, _ high: Double) -> [Double] {
        let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
        return (first...last).map { pow(10, Double($0)) }.filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
    }

    func place(_ value: Double) -> Double {
        let share = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return min(max(share, 0), 1) * length
    }
}

/// Both axes of a drawing, with the origin at its lower left.
private struct Frame {
    let x: Axis
    let y: Axis
    static let left = 62.0
    static let bottom = 286.0

    func point(_ x: Double, _ y: Double) -> String {
        "\((Self.left + self.x.place(x)).place),\((Self.bottom - self.y.place(y)).place)"
    }

    func svg(_ xName: String, _ yName: String) -> String {
        var parts: [String] = []
        for tick in y.ticks {
            let at = Self.bottom - y.place(tick)
            parts.append(
                """
                <line class="grid" x1="\(Self.left.place)" x2="\((Self.left + x.length).place)" y1="\(at.place)" y2="\(at.place)"/>\
                <text class="soft" text-anchor="end" x="\((Self.left - 9).place)" y="\((at + 4).place)">\(tick.short)</text>
                """)
        }
        for tick in x.ticks {
            parts.append(
                "<text class=\"soft\" text-anchor=\"middle\" x=\"\((Self.left + x.place(tick)).place)\" y=\"306\">\(tick.short)</text>"
            )
        }
        parts.append("<text class=\"soft\" text-anchor=\"end\" x=\"862\" y=\"327\">\(xName.escaped)</text>")
        parts.append("<text class=\"soft\" x=\"8\" y=\"12\">\(yName.escaped)</text>")
        return parts.joined()
    }
}

extension Report.Curves.Line {
    fileprivate func svg(_ frame: Frame, _ colour: String) -> String {
        let path = points.map { frame.point($0.x, $0.y) }.joined(separator: " ")
        var parts: [String] = []
        if let band {
            let upper = zip(points, band).map { frame.point($0.x, $1.high) }
            let lower = zip(points, band).map { frame.point($0.x, $1.low) }.reversed()
            parts.append(
                "<polygon points=\"\((upper + lower).joined(separator: " "))\" fill=\"\(colour)\" opacity=\".15\"/>")
        }
        parts.append(
            "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
        )
        if points.count <= 24 {
            for point in points {
                let place = frame.point(point.x, point.y).split(separator: ",")
                parts.append(
                    """
                    <circle cx="\(place[0])" cy="\(place[1])" r="3.5" fill="\(colour)">\
                    <title>\(name.escaped) \(point.x.short): \(point.y.short)</title></circle>
                    """)
            }
        }
        return parts.joined()
    }
}
