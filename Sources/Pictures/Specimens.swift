import Foundation

extension Picture {
    /// Pictures unlike each other, the same every time: plain, striped, checked, round, in many colours.
    public static let specimens: [Picture] = (0..<16).map { number in
        let side = 64
        let colours: [[Double]] = [[230, 40, 30], [20, 60, 200], [30, 160, 60], [250, 220, 40], [20, 20, 20]]
        let (front, back) = (colours[number % 5], colours[(number / 3 + 2) % 5])
        var pixels: [UInt8] = []
        for row in 0..<side {
            for column in 0..<side {
                let (x, y) = (Double(column) / 64 - 0.5, Double(row) / 64 - 0.5)
                let waves = Double(2 + number)
                let share: Double
                switch number % 4 {
                case 0: share = x + 0.5
                case 1: share = sin(waves * 4 * y) > 0 ? 1 : 0
                case 2: share = x * x + y * y < 0.02 * waves / 2 ? 1 : 0
                default: share = (Int(waves * (x + 1)) + Int(waves * (y + 1))) % 2 == 0 ? 1 : 0
                }
                for channel in 0..<3 {
                    pixels.append(UInt8(front[channel] * share + back[channel] * (1 - share)))
                }
            }
        }
        return Picture(width: side, height: side, pixels: pixels)
    }
}
