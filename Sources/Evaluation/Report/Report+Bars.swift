extension Report {
    /// A name with a share from 0 to 1.
    public struct Bar: Sendable {
        let name: String
        let value: Double
        let interval: Interval?
        let chance: Double?
        let note: String

        /// A share with its interval, what blind guessing gives, and a few words behind the number.
        public init(
            _ name: String, _ value: Double, interval: Interval? = nil, chance: Double? = nil, note: String = ""
        ) {
            self.name = name
            self.value = value
            self.interval = interval
            self.chance = chance
            self.note = note
        }

        static func html(_ bars: [Bar]) -> String { "<div class=\"bars\">\(bars.map(\.html).joined())</div>" }

        private var html: String {
            let width = { (share: Double) in (share.isFinite ? min(max(share, 0), 1) * 100 : 0).place + "%" }
            let span =
                interval.map {
                    "<div class=\"span\" style=\"left:\(width($0.low));width:\(width($0.high - $0.low))\"></div>"
                } ?? ""
            let mark = chance.map { "<div class=\"mark\" title=\"chance\" style=\"left:\(width($0))\"></div>" } ?? ""
            return """
                <div>\(name.escaped)</div>\
                <div class="track"><div class="fill" style="width:\(width(value))"></div>\(span)\(mark)</div>\
                <div class="value">\(value.percent)\(note.isEmpty ? "" : " · \(note.escaped)")</div>
                """
        }
    }
}
