extension Report {
    /// A matrix of similarities with names at its sides.
    public struct HeatMap: Sendable {
        let rows: [String]
        let columns: [String]
        let values: [[Double]]

        /// One row of values for each name in `rows`, one value in it for each in `columns`; traps otherwise.
        public init(rows: [String], columns: [String], values: [[Double]]) {
            precondition(
                values.count == rows.count && values.allSatisfy { $0.count == columns.count },
                "HeatMap: \(rows.count) by \(columns.count) names for \(values.count) rows of values")
            self.rows = rows
            self.columns = columns
            self.values = values
        }

        var html: String {
            let finite = values.joined().filter(\.isFinite)
            let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
            return Matrix(
                rows: rows, columns: columns, shade: { ($0 - low) / max(high - low, 1e-12) },
                text: { values.count * columns.count <= 400 ? String($0.hundredths) : "" },
                hint: { "\($0): \($1.short)" }, values: values
            ).html + "<p class=\"note\">from \(low.short) (pale) to \(high.short) (full)</p>"
        }
    }
}

extension ConfusionMatrix {
    /// The matrix with rows for what is right; every row is shaded by its shares.
    func html(_ names: [String]) -> String {
        let sums = counts.map { max($0.reduce(0, +), 1) }
        return Matrix(
            rows: names, columns: names, shade: { $0 }, text: { _ in "" },
            hint: { "\($0): \($1.percent)" },
            values: zip(counts, sums).map { row, sum in row.map { Double($0) / Double(sum) } }, labels: counts
        ).html
    }
}

/// A matrix of shaded cells, drawn.
private struct Matrix {
    let rows: [String]
    let columns: [String]
    let shade: (Double) -> Double
    let text: (Double) -> String
    let hint: (String, Double) -> String
    let values: [[Double]]
    /// What stands in the cells instead of `text`; zeros stay empty.
    var labels: [[Int]]?

    private var cell: Double {
        switch columns.count {
        case ...12: 44
        case ...20: 34
        case ...40: 22
        default: 14
        }
    }
    /// About the width of a name in twelve-point type.
    private func width(_ names: [String]) -> Double {
        Double(min(names.map(\.count).max() ?? 0, 28)) * 6.6 + 14
    }

    var html: String {
        let (left, top) = (width(rows), width(columns) * 0.72 + 12)
        let size = (left + Double(columns.count) * cell + top * 0.75 + 4, top + Double(rows.count) * cell + 4)
        var parts: [String] = []
        for (index, name) in columns.enumerated() {
            let x = left + (Double(index) + 0.5) * cell
            parts.append(
                "<text class=\"soft\" transform=\"translate(\(x.place) \((top - 7).place)) rotate(-45)\">\(name.cut)</text>"
            )
        }
        for (row, name) in rows.enumerated() {
            let y = top + Double(row) * cell
            parts.append(
                "<text class=\"soft\" text-anchor=\"end\" x=\"\((left - 8).place)\" y=\"\((y + cell / 2 + 4).place)\">\(name.cut)</text>"
            )
            for column in columns.indices { parts.append(drawn(row, column, left + Double(column) * cell, y)) }
        }
        return """
            <div class="wide"><svg role="img" width="\(size.0.place)" height="\(size.1.place)" \
            viewBox="0 0 \(size.0.place) \(size.1.place)">\(parts.joined())</svg></div>
            """
    }

    private func drawn(_ row: Int, _ column: Int, _ x: Double, _ y: Double) -> String {
        let value = values[row][column]
        let share = value.isFinite ? min(max(shade(value), 0), 1) : 0
        let label = labels.map { $0[row][column] == 0 ? "" : String($0[row][column]) } ?? text(value)
        let hint = hint("\(rows[row]) → \(columns[column])", value).escaped
        let rect = """
            <rect class="cell" x="\(x.place)" y="\(y.place)" width="\(cell.place)" height="\(cell.place)" rx="4" \
            fill="var(--accent)" fill-opacity="\((0.05 + 0.9 * share).place)"><title>\(hint)</title></rect>
            """
        guard !label.isEmpty, cell > 20 else { return rect }
        let size = label.count > 3 ? 9 : 11
        return rect + """
            <text text-anchor="middle" font-size="\(size)" pointer-events="none" \(share > 0.55 ? "style=\"fill:#fff\"" : "") \
            x="\((x + cell / 2).place)" y="\((y + cell / 2 + 4).place)">\(label)</text>
            """
    }
}

extension String {
    /// At most 28 characters, escaped.
    fileprivate var cut: String { (count > 28 ? prefix(27) + "…" : self[...]).description.escaped }
}

extension Double {
    /// The value in hundredths, for small cells.
    fileprivate var hundredths: Int { isFinite ? Int((Swift.min(Swift.max(self, -99), 99) * 100).rounded()) : 0 }
}
