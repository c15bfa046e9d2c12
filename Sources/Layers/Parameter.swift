public import BinderyTensors
import Synchronization

/// A named tensor that training may change: the only shared mutable thing in a model.
///
/// A layer holds references to its parameters, so a copied layer shares its weights with the original, which is also
/// how weights are tied. A parameter has its shape from the start and its value once `Parameters` filled it.
public final class Parameter: Sendable {
    /// What becomes of it in training.
    package enum Kind: Sendable { case weight, buffer }

    private struct State {
        var value: Tensor?
        var isFrozen = true
        var derived: [String: any Sendable] = [:]
    }

    /// The full dotted name, `audio.blocks.3.conv1.weight`.
    public let name: String
    /// The shape it has whatever its value.
    public let shape: [Int]
    package let kind: Kind
    package let start: Start
    private let leaf = Node()
    private let state = Mutex(State())

    package init(name: String, shape: [Int], kind: Kind, start: Start) {
        self.name = name
        self.shape = shape
        self.kind = kind
        self.start = start
    }

    /// The number of elements.
    public var count: Int { shape.product }

    package var isFilled: Bool { state.withLock { $0.value != nil } }

    /// The value; traps when it was never filled, or when the new value has another shape.
    public var value: Tensor {
        get {
            guard let value = state.withLock({ $0.value }) else {
                preconditionFailure("parameter \(name) was declared but never filled")
            }
            return value
        }
        set {
            precondition(newValue.shape == shape, "parameter \(name): shape \(newValue.shape), expected \(shape)")
            state.withLock {
                $0.value = newValue.detached()
                $0.derived = [:]
            }
        }
    }

    /// Whether training leaves it alone; frozen until somebody unfreezes it.
    public var isFrozen: Bool {
        get { kind == .buffer || state.withLock { $0.isFrozen } }
        set { state.withLock { $0.isFrozen = newValue } }
    }

    /// The value as operations read it: tracked, or a constant that records nothing when frozen.
    public func callAsFunction() -> Tensor { isFrozen ? value : value.tracked(by: leaf) }

    /// A form computed from the value and kept until the value changes: packed, transformed, folded.
    ///
    /// A kept form that `isGood` refuses is made anew; there is never more than one under a key. What a mapped file holds of
    /// the value need not stay in memory beside it.
    package func derived<Form: Sendable>(
        _ key: String, where isGood: (Form) -> Bool = { _ in true }, _ make: (Tensor) -> Form
    ) -> Form {
        if let known = state.withLock({ $0.derived[key] }) as? Form, isGood(known) { return known }
        let value = value
        let form = make(value)
        value.storage.rest()
        state.withLock { $0.derived[key] = form }
        return form
    }

    /// The same, but nil at the first use after a change unless `atOnce`: making a form costs more than one small use of
    /// it gains, and many processes use a model once.
    package func derivedOnReuse<Form: Sendable>(
        _ key: String, atOnce: Bool = false, where isGood: (Form) -> Bool = { _ in true }, _ make: (Tensor) -> Form
    ) -> Form? {
        let isFirst = state.withLock { state in
            guard state.derived[key] == nil else { return false }
            state.derived[key] = Used()
            return true
        }
        return isFirst && !atOnce ? nil : derived(key, where: isGood, make)
    }

    /// Stands where a form will be.
    private struct Used: Sendable {}

    /// Changes the value in place where nobody else holds it, in a copy otherwise.
    package func update(_ change: (UnsafeMutableBufferPointer<Float>) -> Void) {
        state.withLock { state in
            guard var value = state.value.take() else {
                preconditionFailure("parameter \(name) was declared but never filled")
            }
            value.changeInPlace(change)
            state.value = value
            state.derived = [:]
        }
    }

    package func gradient(in gradients: Gradients) -> Tensor? { gradients[leaf] }
}

extension Gradients {
    /// The gradient of a parameter, in its shape, or nil when it is frozen or the loss does not depend on it.
    public subscript(_ parameter: Parameter) -> Tensor? { parameter.gradient(in: self) }
}
