import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// How far long work has come, on standard error: one line that renews itself on a terminal, a line per tenth elsewhere.
final class Progress: @unchecked Sendable {
    private let title: String
    private let total: Int
    private let unit: String
    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lock = NSLock()
    private var shown = ContinuousClock.now - .seconds(1)
    private var tenth = 0

    init(_ title: String, total: Int, unit: String = "items") {
        self.title = title
        self.total = total
        self.unit = unit
    }

    /// Shows that `done` of the total are done, with a remark behind.
    func show(_ done: Int, _ remark: String = "") {
        lock.withLock {
            let now = ContinuousClock.now
            if isTerminal {
                guard now - shown >= .milliseconds(100) || done == total else { return }
                shown = now
                Output.progress("\r\u{1B}[2K\(line(done, remark))" + (done == total ? "\n" : ""))
            } else {
                guard total >= 10, done * 10 / max(total, 1) > tenth else { return }
                tenth = done * 10 / max(total, 1)
                Output.progress(line(done, remark) + "\n")
            }
        }
    }

    private func line(_ done: Int, _ remark: String) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = Double(done) / max(seconds, 1e-9)
        let left = Double(total - done) / max(rate, 1e-9)
        let time = done < total ? ", \(Int(left.rounded(.up))) s left" : ", \(String(format: "%.1f", seconds)) s"
        return "\(title) \(done)/\(total) \(unit), \(String(format: "%.1f", rate))/s\(time)"
            + (remark.isEmpty ? "" : "  \(remark)")
    }
}
