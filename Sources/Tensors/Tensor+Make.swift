extension Tensor {
    /// A tensor whose elements `body` writes; it gets their address.
    package static func make(_ shape: [Int], _ body: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
        let storage = Storage(count: shape.product)
        body(storage.floats)
        return Tensor(storage: storage, shape: shape)
    }

    /// A tensor whose elements `body` writes from those of `a`.
    package static func make(
        _ shape: [Int], from a: Tensor, _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
    ) -> Tensor {
        withExtendedLifetime(a) { make(shape) { body($0, a.pointer) } }
    }

    /// A tensor whose elements `body` writes from those of `a` and `b`.
    package static func make(
        _ shape: [Int], from a: Tensor, _ b: Tensor,
        _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) -> Tensor {
        withExtendedLifetime((a, b)) { make(shape) { body($0, a.pointer, b.pointer) } }
    }

    /// A tensor whose elements `body` writes from those of `a`, `b` and `c`.
    package static func make(
        _ shape: [Int], from a: Tensor, _ b: Tensor, _ c: Tensor,
        _ body: (
            UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
        ) -> Void
    ) -> Tensor {
        withExtendedLifetime((a, b, c)) { make(shape) { body($0, a.pointer, b.pointer, c.pointer) } }
    }
}
