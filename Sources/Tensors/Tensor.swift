/// An immutable array of 32-bit floats, row-major and contiguous, that knows how it was computed when it needs to.
///
/// Copying one is a reference bump. Operations trap on shapes that do not fit: a wrong shape is a bug in the caller's
/// code. A tensor that comes from `tracked()` or from an operation on one records its history; all others record none.
public struct Tensor: Sendable {
    /// The extent of every axis, outermost first; empty for a scalar.
    public let shape: [Int]
    package private(set) var storage: Storage
    package let offset: Int
    package let node: Node?

    /// The number of axes.
    public var rank: Int { shape.count }

    /// The number of elements.
    public var count: Int { shape.product }

    package init(storage: Storage, offset: Int = 0, shape: [Int], node: Node? = nil) {
        self.shape = shape
        self.storage = storage
        self.offset = offset
        self.node = node
    }

    /// A tensor with the given elements in row-major order; traps unless their number fits the shape.
    public init(_ values: [Float], _ shape: [Int]) {
        precondition(values.count == shape.product, "Tensor: \(values.count) values for shape \(shape)")
        self.init(shape: shape) { target in _ = target.initialize(from: values) }
    }

    /// A scalar.
    public init(_ scalar: Float) { self = .full([], scalar) }

    /// A tensor whose every element `fill` writes; the memory it gets is not cleared.
    public init(shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        let count = shape.product
        let storage = Storage(count: count)
        try fill(UnsafeMutableBufferPointer(start: storage.floats, count: count))
        self.init(storage: storage, shape: shape)
    }

    /// A tensor of zeros.
    public static func zeros(_ shape: [Int]) -> Tensor { full(shape, 0) }

    /// A tensor of ones.
    public static func ones(_ shape: [Int]) -> Tensor { full(shape, 1) }

    /// A tensor with every element equal to `value`.
    public static func full(_ shape: [Int], _ value: Float) -> Tensor {
        Tensor(shape: shape) { $0.initialize(repeating: value) }
    }

    /// Whether both are views of the same elements, not just of equal ones.
    package func isSame(as other: Tensor) -> Bool {
        storage === other.storage && offset == other.offset && shape == other.shape
    }

    package var pointer: UnsafePointer<Float> { UnsafePointer(storage.floats + offset) }

    /// Calls `body` with the elements in row-major order; the pointer is valid only inside.
    public func read<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: pointer, count: count)) }
    }

    /// The elements in row-major order, copied.
    public var values: [Float] { read { Array($0) } }

    /// The only element of a tensor that has one; traps otherwise.
    public var item: Float {
        precondition(count == 1, "item: shape \(shape) has \(count) elements, expected 1")
        return read { $0[0] }
    }

    /// The axis that `index` means, where -1 is the last; traps when there is none.
    package func axis(_ index: Int, _ operation: StaticString) -> Int {
        let axis = index < 0 ? index + rank : index
        precondition(axis >= 0 && axis < rank, "\(operation): axis \(index) of shape \(shape)")
        return axis
    }
}

extension [Int] {
    /// The product of all elements, 1 when there are none.
    package var product: Int { reduce(1, *) }
}

extension Tensor {
    /// Calls `change` with the elements, after copying them when anybody else may read this storage.
    package mutating func changeInPlace(_ change: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let count = count
        let isWhole = offset == 0 && storage.count == count && !storage.isBorrowed
        if !(isWhole && isKnownUniquelyReferenced(&storage)) {
            self = Tensor(shape: shape) { target in
                if let source = read(\.baseAddress), count > 0 {
                    target.baseAddress?.initialize(from: source, count: count)
                }
            }
        }
        change(UnsafeMutableBufferPointer(start: storage.floats, count: count))
    }
}
