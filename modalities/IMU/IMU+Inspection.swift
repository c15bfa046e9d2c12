import BinderyBinding
import Foundation

extension Inspection {
    /// Swings and shocks, five seconds each.
    static let motions = Inspection {
        (1...12).map { number in
            let lines = (0..<2000).map { index -> String in
                let time = Double(index) / 400
                let swing = sin(time * Double(number)) * Double(number % 4)
                let shock = index % (90 * number) < 8 ? 20.0 : 0
                let cells = [swing, shock, 9.81 - swing / 3, swing / 5, cos(time * Double(number)), shock / 9]
                return cells.map { "\($0)" }.joined(separator: ",")
            }
            return Item(.bytes(Data(lines.joined(separator: "\n").utf8)))
        }
    }
}
