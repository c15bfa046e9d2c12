import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// How many bytes of many have come, on standard error: a bar that renews itself on a terminal, a line per tenth
/// elsewhere.
final class ByteProgress: Sendable {
    private struct State {
        var shown = ContinuousClock.now - .seconds(1)
        var tenth = 0
        var hasBar = false
        /// Where the count stood at first: what was there before is no speed.
        var first: (bytes: Int, time: ContinuousClock.Instant)?
    }

    private let title: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(_ title: String) { self.title = title }

    /// Shows that `done` bytes of `total` are there.
    func show(_ done: Int, of total: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            let first = state.first ?? (done, now)
            state.first = first
            let seconds = (now - first.time) / .seconds(1)
            let rate = Double(max(done - first.bytes, 0)) / max(seconds, 0.001)
            let part = Double(done) / Double(max(total, 1))
            let text = "\(title) \(Self.text(done)) of \(Self.text(total)), \(Self.text(Int(rate)))/s"
            if isTerminal {
                guard now - state.shown >= .milliseconds(100) || done == total else { return }
                (state.shown, state.hasBar) = (now, true)
                let full = Int(part * 24)
                let bar = String(repeating: "█", count: full) + String(repeating: "░", count: max(24 - full, 0))
                let left = done < total ? ", \(Int((Double(total - done) / max(rate, 1)).rounded(.up))) s left" : ""
                Output.progress("\r\u{1B}[2K\(bar) \(text)\(left)")
            } else if Int(part * 10) > state.tenth {
                state.tenth = Int(part * 10)
                Output.progress(text + "\n")
            }
        }
    }

    /// Ends the line of the bar.
    func end() { state.withLock { if $0.hasBar { Output.progress("\n") } } }

    /// A number of bytes for people.
    static func text(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return unit == 0 ? "\(bytes) B" : String(format: "%.1f \(units[unit])", value)
    }
}
