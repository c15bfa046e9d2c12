import BinderyTensors
import Synchronization

/// All parameters and buffers of a model, by name, in the order its layers declared them.
///
/// Building a model declares names and shapes and allocates nothing; `fill` then gives every parameter its value, from
/// a seed or from a checkpoint, after all names and shapes were verified.
public final class Parameters: Sendable {
    private struct State {
        var all: [Parameter] = []
        var byName: [String: Parameter] = [:]
        var adapters: [String: LowRank.Plan] = [:]
    }

    private let state = Mutex(State())

    /// An empty set.
    public init() {}

    /// The scope at the root, where names start.
    public var scope: Scope { Scope(self, path: "") }

    /// Every parameter and buffer in order of declaration.
    public var all: [Parameter] { state.withLock { $0.all } }

    /// What an optimiser may change: weights that are not frozen.
    public var trainable: [Parameter] { all.filter { !$0.isFrozen } }

    /// The parameter called `name`.
    public subscript(_ name: String) -> Parameter? { state.withLock { $0.byName[name] } }

    /// The parameters whose names start with `path` followed by a dot or nothing; all of them for "".
    public func under(_ path: String) -> [Parameter] { all.filter { $0.name.isUnder(path) } }

    /// Linear layers that are built below `root` from now on get adapters where `plan` says so.
    package func adapt(_ root: String, _ plan: LowRank.Plan) { state.withLock { $0.adapters[root] = plan } }

    /// What the layer at `path` is adapted by, and where the adapted part begins.
    func adapters(at path: String) -> (root: String, plan: LowRank.Plan)? {
        state.withLock { state in
            state.adapters.first { root, plan in path.isUnder(root) && plan.adapts(path.dropFirst(root.count + 1)) }
                .map { (root: $0.key, plan: $0.value) }
        }
    }

    func declare(_ name: String, _ shape: [Int], _ kind: Parameter.Kind, _ start: Start) -> Parameter {
        state.withLock { state in
            if let known = state.byName[name] {
                precondition(known.shape == shape, "parameter \(name) declared as \(known.shape) and \(shape)")
                return known
            }
            let parameter = Parameter(name: name, shape: shape, kind: kind, start: start)
            state.all.append(parameter)
            state.byName[name] = parameter
            return parameter
        }
    }

    /// Fills what lies under `path` and has no value yet with its starting values.
    ///
    /// Each parameter draws from a stream of its own that depends on the seed and its name.
    public func fill(seed: UInt64, under path: String = "") {
        for parameter in under(path) where !parameter.isFilled {
            parameter.value = parameter.start.tensor(parameter.shape, seed: seed, name: parameter.name)
        }
    }
}

extension String {
    /// Whether this dotted name is `path` or lies below it.
    package func isUnder(_ path: String) -> Bool {
        path.isEmpty || self == path || (hasPrefix(path) && dropFirst(path.count).first == ".")
    }
}
