internal import BinderyTensors
internal import Foundation

/// A spectrogram brought to another number of frames by cubic convolution (Keys 1981, with a = −0.75), the first and the
/// last frame staying where they are.
struct TimeStretch: Sendable {
    /// How many frames come out.
    let frames: Int

    /// [N, T, M] to [N, frames, M].
    func callAsFunction(_ x: Tensor) -> Tensor {
        let (count, length, bins) = (x.shape[0], x.shape[1], x.shape[2])
        guard length != frames else { return x }
        let rows = x.reshaped([count * length, bins])
        let scale = frames > 1 ? Double(length - 1) / Double(frames - 1) : 0
        let places = (0..<frames).map { Double($0) * scale }
        let parts = (-1...2).map { tap in
            let sources = places.map { min(max(Int($0) + tap, 0), length - 1) }
            let weights = places.map { Float(TimeStretch.weight(at: Double(tap) - ($0 - $0.rounded(.down)))) }
            let taken = rows.gather(rows: (0..<count).flatMap { index in sources.map { index * length + $0 } })
            return taken.reshaped([count, frames, bins]) * Tensor(weights, [frames, 1])
        }
        return (parts[0] + parts[1]) + (parts[2] + parts[3])
    }

    /// The kernel at `distance` frames from the place that is asked for.
    private static func weight(at distance: Double) -> Double {
        let (x, a) = (abs(distance), -0.75)
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
}
