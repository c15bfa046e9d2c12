import Foundation

/// A table of motion: one line per sample, columns between commas, tabs or semicolons, a header where there is one.
///
/// A column of time (`time`, `timestamp`, `t`, `ts`, with a unit behind as in `t_ms`) tells the rate. Columns whose names
/// hold `acc` and `gyr` are taken in that order; without such names the first six columns besides time are.
struct MotionTable {
    /// The most bytes of a table.
    static let mostBytes = 1 << 29

    private let source: String
    private var names: [String] = []
    private var columns: [[Double]] = []

    init(_ data: Data, source: String) throws {
        self.source = source
        guard data.count <= MotionTable.mostBytes else { throw MotionError.tooLong(source) }
        var number = 0
        for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if text.isEmpty || text.hasPrefix("#") { continue }
            let cells = text.split(omittingEmptySubsequences: false) { ",;\t".contains($0) }.map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"\u{feff}"))
            }
            if columns.isEmpty {
                guard cells.count <= 64 else { throw MotionError.cells(source, line: number, cells.count) }
                columns = Array(repeating: [], count: cells.count)
                if cells.contains(where: { Double($0) == nil }) {
                    names = cells.map { $0.lowercased() }
                    continue
                }
            }
            guard cells.count == columns.count else {
                throw MotionError.cells(source, line: number, cells.count)
            }
            for (column, cell) in cells.enumerated() {
                guard let value = Double(cell) else { throw MotionError.cell(source, line: number, cell) }
                columns[column].append(value)
            }
        }
    }

    /// The recording of so many channels that the table holds.
    func motion(_ width: Int) throws -> Motion {
        let isTime = { (column: Int) in
            names.isEmpty ? columns.count == width + 1 && column == 0 : MotionTable.isTime(names[column])
        }
        let time = columns.indices.first(where: isTime)
        let rest = columns.indices.filter { $0 != time }
        let acceleration = rest.filter { !names.isEmpty && names[$0].contains("acc") }
        let turning = rest.filter { !names.isEmpty && names[$0].contains("gyr") }
        let isNamed = width == Motion.width && acceleration.count >= 3 && turning.count >= 3
        let chosen = isNamed ? acceleration.prefix(3) + turning.prefix(3) : rest.prefix(width)
        guard chosen.count == width else { throw MotionError.columns(source, rest.count, width) }
        return Motion(
            channels: chosen.map { columns[$0].map(Float.init) }, rate: try time.flatMap { try rate($0) })
    }

    /// Whether a name in small letters means time: not those of a temperature, a torque or a total.
    private static func isTime(_ name: String) -> Bool {
        let stem = name.prefix(while: \.isLetter)
        let unit = name.dropFirst(stem.count).filter(\.isLetter)
        return stem.hasPrefix("time")
            || ["t", "ts"].contains(stem) && ["", "s", "sec", "seconds", "ms", "us", "ns"].contains(unit)
    }

    /// Samples per second as the column of time tells: seconds, or, where they run too fast for that, milli-, micro- or
    /// nanoseconds, unless the column's name ends in the unit.
    private func rate(_ column: Int) throws -> Double? {
        let time = columns[column]
        guard let first = time.first, let last = time.last, time.count > 1 else { return nil }
        if let bad = time.indices.dropFirst().first(where: { time[$0] <= time[$0 - 1] }) {
            throw MotionError.time(source, line: bad + (names.isEmpty ? 1 : 2))
        }
        let step = (last - first) / Double(time.count - 1)
        let name = names.isEmpty ? "" : names[column]
        let units = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)]
        if let named = units.first(where: { name.hasSuffix($0.0) }) { return 1 / (step * named.1) }
        // No one records motion less often than once in two seconds or more than 100,000 times in one.
        let scale = [1, 1e-3, 1e-6, 1e-9].first { (1e-5...2).contains(step * $0) } ?? 1
        return 1 / (step * scale)
    }
}
