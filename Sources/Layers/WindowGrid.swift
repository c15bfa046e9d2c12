import BinderyTensors

/// How a map of positions is cut into windows: its sizes, the order of positions, and who may see whom.
///
/// A map whose sides are not multiples of the window is padded at its right and bottom ends. Shifted windows are those
/// of the map moved up and left by `shift`, what leaves it entering at the other ends (Liu and others 2021, section 3.2).
struct WindowGrid: Hashable, Sendable {
    let height, width: Int
    let window: Int
    let shift: Int

    /// A map that is not larger than a window on some side is not shifted.
    init(height: Int, width: Int, window: Int, shifted: Bool) {
        (self.height, self.width, self.window) = (height, width, window)
        shift = shifted && min(height, width) > window ? window / 2 : 0
    }

    /// The sides of the padded map.
    var paddedHeight: Int { (height + window - 1) / window * window }
    var paddedWidth: Int { (width + window - 1) / window * window }
    var isPadded: Bool { paddedHeight != height || paddedWidth != width }
    /// The number of windows, and of positions in one.
    var windows: Int { paddedHeight / window * (paddedWidth / window) }
    var area: Int { window * window }
    /// Whether the map is its only window.
    var isWhole: Bool { !isPadded && windows == 1 }

    /// For every position of every window of `batch` maps, the number of that position among all of the padded maps.
    func partition(batch: Int) -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(batch * paddedHeight * paddedWidth)
        for map in 0..<batch {
            let start = map * paddedHeight * paddedWidth
            forEachPosition { row, column in order.append(start + row * paddedWidth + column) }
        }
        return order
    }

    /// For every position of `batch` maps, its number among the windows' positions; padding is left out.
    func reversal(batch: Int) -> [Int] {
        var places = [Int](repeating: 0, count: paddedHeight * paddedWidth)
        var next = 0
        forEachPosition { row, column in
            places[row * paddedWidth + column] = next
            next += 1
        }
        var order: [Int] = []
        order.reserveCapacity(batch * height * width)
        for map in 0..<batch {
            for row in 0..<height {
                for column in 0..<width { order.append(map * next + places[row * paddedWidth + column]) }
            }
        }
        return order
    }

    /// The positions as they stand in the map before the shift, window after window.
    private func forEachPosition(_ body: (_ row: Int, _ column: Int) -> Void) {
        for top in stride(from: shift, to: paddedHeight + shift, by: window) {
            for left in stride(from: shift, to: paddedWidth + shift, by: window) {
                for row in top..<top + window {
                    for column in left..<left + window { body(row % paddedHeight, column % paddedWidth) }
                }
            }
        }
    }

    /// What is added to the scores of positions that were no neighbours before the shift, [windows, 1, area, area]: −100
    /// as in the authors' code; nil without a shift.
    var mask: Tensor? {
        guard shift > 0 else { return nil }
        let part = { (index: Int, extent: Int) in
            index < extent - window ? 0 : index < extent - shift ? 1 : 2
        }
        var parts: [Int] = []
        for top in stride(from: 0, to: paddedHeight, by: window) {
            for left in stride(from: 0, to: paddedWidth, by: window) {
                for row in top..<top + window {
                    for column in left..<left + window {
                        parts.append(3 * part(row, paddedHeight) + part(column, paddedWidth))
                    }
                }
            }
        }
        return Tensor(shape: [windows, 1, area, area]) { mask in
            var index = 0
            for window in 0..<windows {
                let own = parts[window * area..<(window + 1) * area]
                for a in own {
                    for b in own {
                        mask[index] = a == b ? 0 : -100
                        index += 1
                    }
                }
            }
        }
    }

    /// Whether the mask is the same as that of `other`.
    func isMaskedLike(_ other: WindowGrid) -> Bool {
        shift == other.shift
            && (shift == 0 || (paddedHeight, paddedWidth) == (other.paddedHeight, other.paddedWidth))
    }

    /// For every two positions of a window, the row of the table of relative positions that is theirs.
    static func relativePositions(window: Int) -> [Int] {
        let positions = (0..<window * window).map { (row: $0 / window, column: $0 % window) }
        return positions.flatMap { a in
            positions.map { b in
                (a.row - b.row + window - 1) * (2 * window - 1) + a.column - b.column + window - 1
            }
        }
    }
}
