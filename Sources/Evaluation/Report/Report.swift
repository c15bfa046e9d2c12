import BinderyLayers
public import Foundation

/// A page of results that people enjoy reading: one file without scripts, styles or pictures from elsewhere.
public struct Report: Sendable {
    /// The heading.
    public var title: String
    /// One sentence below it.
    public var subtitle: String
    /// The numbers that matter, in large type.
    public var figures: [Figure]
    /// What follows, in order.
    public var sections: [Section]
    /// What reproduces the page.
    public var origin: Origin

    /// A number in large type.
    public struct Figure: Sendable {
        let name: String
        let value: Double
        let interval: Interval?
        let chance: Double?
        let isShare: Bool

        /// A number with its interval and what blind guessing gives; shares are shown as per cent.
        public init(
            _ name: String, _ value: Double, interval: Interval? = nil, chance: Double? = nil, isShare: Bool = true
        ) {
            self.name = name
            self.value = value
            self.interval = interval
            self.chance = chance
            self.isShare = isShare
        }
    }

    /// A titled part of the page.
    public struct Section: Sendable {
        let title: String
        let note: String
        let content: Content

        /// A part of the page; `note` is a sentence on how to read it.
        public init(_ title: String, note: String = "", _ content: Content) {
            self.title = title
            self.note = note
            self.content = content
        }
    }

    /// What a section shows.
    public enum Content: Sendable {
        /// Names with shares from 0 to 1, in the given order.
        case bars([Bar])
        /// How often each class was taken for each.
        case confusion(ConfusionMatrix, names: [String])
        /// A matrix of similarities.
        case heatMap(HeatMap)
        /// Lines over a common axis.
        case curves(Curves)
        /// Rows of text under column names.
        case table(columns: [String], rows: [[String]])
        /// Items that were named wrong.
        case mistakes([Mistake])
        /// Pictures as PNG files, each with a caption.
        case pictures([(caption: String, png: Data)])
        /// Paragraphs.
        case text([String])
    }

    /// What reproduces a page: the exact command, and what it read.
    public struct Origin: Sendable {
        let command: String
        let entries: [(name: String, value: String)]

        /// The command as a person types it, and names with values such as fingerprints.
        public init(command: String, _ entries: [(name: String, value: String)] = []) {
            self.command = command
            self.entries = entries
        }
    }

    /// A page without sections yet.
    public init(
        _ title: String, subtitle: String = "", figures: [Figure] = [], sections: [Section] = [], origin: Origin
    ) {
        self.title = title
        self.subtitle = subtitle
        self.figures = figures
        self.sections = sections
        self.origin = origin
    }

    /// Writes the page whole or not at all; links to media start from its folder.
    public func write(to url: URL) throws {
        try AtomicFile.save(Data(html(in: url.deletingLastPathComponent()).utf8), to: url)
    }

    /// The page; `folder` is where it will lie, for links to media that are too large to be put inside.
    public func html(in folder: URL? = nil) -> String {
        let figures = figures.map(\.html).joined()
        let sections = sections.map { section in
            let note = section.note.isEmpty ? "" : "<p class=\"note\">\(section.note.escaped)</p>"
            return "<section><h2>\(section.title.escaped)</h2>\(note)\(section.content.html(in: folder))</section>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            img-src 'self' data: file:; media-src 'self' data: file:">
            <title>\(title.escaped)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header><h1>\(title.escaped)</h1><p>\(subtitle.escaped)</p></header>
            \(figures.isEmpty ? "" : "<div class=\"figures\">\(figures)</div>")
            \(sections.joined())\(origin.html)
            </body>
            </html>

            """
    }
}

extension Report.Figure {
    fileprivate var html: String {
        let shown = { (value: Double) in isShare ? value.percent : value.short }
        var notes: [String] = []
        if let interval { notes.append("\(shown(interval.low)) – \(shown(interval.high))") }
        if let chance { notes.append("chance \(shown(chance))") }
        return """
            <div class="figure"><b>\(shown(value))</b><span>\(name.escaped)</span>\
            <small>\(notes.joined(separator: "<br>"))</small></div>
            """
    }
}

extension Report.Origin {
    fileprivate var html: String {
        let rows = entries.map { "<tr><th>\($0.name.escaped)</th><td>\($0.value.escaped)</td></tr>" }.joined()
        return """
            <footer><h2>To reproduce this page</h2><pre>\(command.escaped)</pre>\
            \(rows.isEmpty ? "" : "<table class=\"origin\">\(rows)</table>")</footer>
            """
    }
}

extension Report.Content {
    fileprivate func html(in folder: URL?) -> String {
        switch self {
        case .bars(let bars): Report.Bar.html(bars)
        case .confusion(let matrix, let names): matrix.html(names)
        case .heatMap(let map): map.html
        case .curves(let curves): curves.html
        case .table(let columns, let rows): Report.table(columns, rows)
        case .mistakes(let mistakes):
            "<div class=\"mistakes\">\(mistakes.map { $0.html(in: folder) }.joined())</div>"
        case .pictures(let pictures):
            "<div class=\"mistakes\">" + pictures.map(Report.drawn).joined() + "</div>"
        case .text(let paragraphs): paragraphs.map { "<p>\($0.escaped)</p>" }.joined()
        }
    }
}

extension Report {
    fileprivate static func drawn(_ caption: String, _ png: Data) -> String {
        "<div class=\"mistake\"><img alt=\"\" src=\"data:image/png;base64,\(png.base64EncodedString())\">"
            + "<div class=\"name\">\(caption.escaped)</div></div>"
    }

    fileprivate static func table(_ columns: [String], _ rows: [[String]]) -> String {
        let head = columns.map { "<th>\($0.escaped)</th>" }.joined()
        let body = rows.map { row in "<tr>\(row.map { "<td>\($0.escaped)</td>" }.joined())</tr>" }.joined()
        return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>"
    }
}

extension String {
    /// The text with what HTML would read as its own replaced, and without control characters.
    var escaped: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Double {
    /// A share from 0 to 1 as per cent with one decimal.
    var percent: String { isFinite ? String(format: "%.1f %%", self * 100) : "–" }

    /// Three significant digits.
    var short: String { isFinite ? String(format: "%.3g", self) : "–" }

    /// A coordinate with two decimals.
    var place: String { String(format: "%.2f", self) }
}
