internal import CKernels

/// One recorded operation: what it read and how a gradient passes back through it.
///
/// Inputs that need no gradient are nil. Nodes hang off the tensors they made, so a history is freed with its last
/// tensor; long histories are taken apart by a loop, because releasing them recursively would overflow the stack.
package final class Node: @unchecked Sendable {
    /// The longest path to a leaf: every node is deeper than all it reads.
    let depth: Int
    var inputs: [Node?]
    var pullback: ((Tensor) -> [Tensor?])?
    let isLeaf: Bool

    package init() {
        depth = 0
        inputs = []
        pullback = nil
        isLeaf = true
    }

    init(inputs: [Node?], pullback: @escaping (Tensor) -> [Tensor?]) {
        depth = 1 + (inputs.lazy.compactMap { $0?.depth }.max() ?? 0)
        self.inputs = inputs
        self.pullback = pullback
        isLeaf = false
    }

    deinit {
        guard !inputs.isEmpty else { return }
        // What the pullback captured may hold the last reference to an input: drop it while `inputs` still holds one.
        pullback = nil
        var pending = inputs.compactMap { $0 }
        inputs = []
        while var node = pending.popLast() {
            guard isKnownUniquelyReferenced(&node) else { continue }
            node.pullback = nil
            pending.append(contentsOf: node.inputs.compactMap { $0 })
            node.inputs = []
        }
    }
}

/// The gradients that one backward pass found, by the tensor they belong to.
public struct Gradients: Sendable {
    private var byNode: [ObjectIdentifier: (node: Node, gradient: Tensor)] = [:]

    /// The gradient of a tracked leaf, in its shape, or nil when the loss does not depend on it.
    public subscript(_ tensor: Tensor) -> Tensor? {
        guard let node = tensor.node else { return nil }
        return byNode[ObjectIdentifier(node)]?.gradient
    }

    package subscript(_ node: Node) -> Tensor? { byNode[ObjectIdentifier(node)]?.gradient }

    fileprivate mutating func keep(_ gradient: Tensor, of node: Node) {
        byNode[ObjectIdentifier(node)] = (node, gradient)
    }
}

extension Tensor {
    /// Whether operations on this tensor record how they were computed.
    public var isTracked: Bool { node != nil }

    /// The same elements as a leaf whose gradient `backward()` finds.
    public func tracked() -> Tensor { Tensor(storage: storage, offset: offset, shape: shape, node: Node()) }

    package func tracked(by leaf: Node) -> Tensor {
        Tensor(storage: storage, offset: offset, shape: shape, node: leaf)
    }

    /// The same elements without history.
    public func detached() -> Tensor { Tensor(storage: storage, offset: offset, shape: shape) }

    /// `result` as the outcome of an operation on `inputs`, recorded only when one of them is tracked.
    ///
    /// `pullback` takes the gradient with respect to the result, in its shape, and returns one gradient per input, in
    /// that input's shape, or nil for none. It runs at most once. It should capture only what it needs, and no
    /// tracked tensor: `backward()` frees what a pullback captured as soon as it has run.
    public static func operation(
        _ result: Tensor, from inputs: [Tensor], pullback: @escaping (Tensor) -> [Tensor?]
    ) -> Tensor {
        guard inputs.contains(where: \.isTracked) else { return result }
        let node = Node(inputs: inputs.map(\.node), pullback: pullback)
        return Tensor(storage: result.storage, offset: result.offset, shape: result.shape, node: node)
    }

    /// `result` as the outcome of an operation on one input.
    public static func operation(
        _ result: Tensor, from input: Tensor, pullback: @escaping (Tensor) -> Tensor
    ) -> Tensor {
        operation(result, from: [input]) { [pullback($0)] }
    }

    /// `result` as the outcome of an operation on inputs that each bring a pullback of their own.
    ///
    /// Each takes the gradient with respect to the result and returns the one with respect to its input. The pullbacks
    /// of untracked inputs are dropped, with what they captured.
    public static func operation(
        _ result: Tensor, _ inputs: (input: Tensor, pullback: (Tensor) -> Tensor)...
    ) -> Tensor {
        let tracked = inputs.filter(\.input.isTracked)
        guard !tracked.isEmpty else { return result }
        let pullbacks = tracked.map(\.pullback)
        return operation(result, from: tracked.map(\.input)) { gradient in pullbacks.map { $0(gradient) } }
    }

    /// Adds a tensor of the same shape, in place when nobody else holds these elements.
    private mutating func add(_ other: Tensor) {
        precondition(shape == other.shape, "backward: gradients of shapes \(shape) and \(other.shape) for one tensor")
        withExtendedLifetime(other.storage) {
            changeInPlace { if let sum = $0.baseAddress { ck_accumulate(other.pointer, sum, other.count) } }
        }
    }

    /// The gradients of this scalar with respect to every tracked leaf it was computed from.
    ///
    /// Consumes the history: what operations saved is freed as the pass goes by, so it runs once; a second call on the
    /// same history traps. Traps when this tensor has more than one element or no history.
    public func backward() -> Gradients {
        precondition(count == 1, "backward: shape \(shape), expected one element")
        guard let root = node else { preconditionFailure("backward: the tensor depends on nothing that is tracked") }
        var pending: [ObjectIdentifier: Tensor] = [ObjectIdentifier(root): Tensor.ones(shape)]
        var found = Gradients()
        for node in root.descending() {
            guard let gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            if node.isLeaf {
                found.keep(gradient, of: node)
                continue
            }
            guard let pullback = node.pullback else {
                preconditionFailure("backward: this history was consumed by an earlier backward()")
            }
            node.pullback = nil
            let inputs = node.inputs
            let gradients = pullback(gradient)
            precondition(
                gradients.count == inputs.count, "pullback: \(gradients.count) gradients, \(inputs.count) inputs")
            for (input, gradient) in zip(inputs, gradients) {
                guard let input, let gradient else { continue }
                let key = ObjectIdentifier(input)
                guard var sum = pending.removeValue(forKey: key) else {
                    pending[key] = gradient
                    continue
                }
                sum.add(gradient)
                pending[key] = sum
            }
        }
        return found
    }
}

extension Node {
    /// This node and all below it, deepest first; the order among equals is that of a depth-first walk, so sums of
    /// gradients are always taken in the same order.
    fileprivate func descending() -> [Node] {
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        var order: [Node] = [self]
        var next = 0
        while next < order.count {
            for input in order[next].inputs {
                guard let input, seen.insert(ObjectIdentifier(input)).inserted else { continue }
                order.append(input)
            }
            next += 1
        }
        return order.enumerated()
            .sorted { ($1.element.depth, $0.offset) < ($0.element.depth, $1.offset) }
            .map(\.element)
    }
}
