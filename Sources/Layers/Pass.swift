public import BinderyTensors
import Synchronization

/// What a forward pass is for.
public enum Pass: Sendable {
    /// Exact and without randomness: dropout does nothing, batch norm uses its running statistics.
    case inference
    /// One training step, which supplies randomness and collects what buffers become.
    case training(Step)
}

/// One step of training: the random streams its layers draw from, and the buffer values they leave behind.
public final class Step: Sendable {
    /// How batch statistics enter the running ones.
    package enum Kind: Sendable {
        /// Moving average; dropout and augmentation act.
        case training
        /// Plain average over batches, this being the one with the given number; nothing is random.
        case calibration(batch: Int)
    }

    private struct State {
        var draws: [String: Int] = [:]
        var buffers: [(buffer: Parameter, value: Tensor)] = []
    }

    package let kind: Kind
    private let seed: UInt64
    private let state = Mutex(State())

    /// A training step; equal seeds give equal randomness.
    public init(seed: UInt64) {
        self.seed = seed
        kind = .training
    }

    /// Step `number` of a stage of a run; its randomness depends on these three numbers alone.
    public convenience init(seed: UInt64, stage: Int, number: Int) {
        var random = RandomSource(seed: seed).split("step").split(UInt64(stage)).split(UInt64(number))
        self.init(seed: random.next())
    }

    /// A step that only sets buffers: the plain average of what batches `0 ... batch` show.
    public init(calibrating batch: Int) {
        seed = 0
        kind = .calibration(batch: batch)
    }

    /// A random stream of its own for the layer at `path`, another one each time the same layer asks in this step.
    public func random(for path: String) -> RandomSource {
        let draw = state.withLock { state in
            defer { state.draws[path, default: 0] += 1 }
            return state.draws[path, default: 0]
        }
        return RandomSource(seed: seed).split(path).split(UInt64(draw))
    }

    /// Notes what a buffer becomes when the step is committed.
    package func set(_ buffer: Parameter, to value: Tensor) {
        state.withLock { $0.buffers.append((buffer, value.detached())) }
    }

    /// Gives every buffer the value its layers noted, once, in the order they noted it.
    public func commit() {
        let buffers = state.withLock { state in
            defer { state.buffers = [] }
            return state.buffers
        }
        for (buffer, value) in buffers { buffer.value = value }
    }
}
