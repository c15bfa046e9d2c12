internal import CKernels

/// A block of floats that tensors share: pooled and 64-byte aligned, or memory that somebody else keeps alive.
///
/// Written only by the operation that makes it, before anybody else can see it; read-only from then on.
package final class Storage: @unchecked Sendable {
    package let floats: UnsafeMutablePointer<Float>
    package let count: Int
    /// What keeps borrowed memory alive (a mapped file); nil when the block is the pool's.
    private let owner: (any AnyObject & Sendable)?

    /// A block of uninitialised floats from the pool.
    package init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        guard let block = ck_allocate(bytes) else {
            preconditionFailure("out of memory: \(bytes) bytes for one tensor")
        }
        floats = block.bindMemory(to: Float.self, capacity: max(count, 1))
        self.count = count
        owner = nil
    }

    /// Floats inside memory that `owner` keeps alive and nobody writes to.
    package init(borrowing floats: UnsafePointer<Float>, count: Int, owner: any AnyObject & Sendable) {
        self.floats = UnsafeMutablePointer(mutating: floats)
        self.count = count
        self.owner = owner
    }

    /// Calls `body` with a block of uninitialised floats that lives as long as the call.
    package static func scratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let storage = Storage(count: count)
        withExtendedLifetime(storage) { body(storage.floats) }
    }

    package var isBorrowed: Bool { owner != nil }

    /// Says that nobody will read the block soon: its pages leave memory where they can come back from a file.
    package func rest() {
        (owner as? any PagedMemory)?.rest(
            UnsafeRawBufferPointer(start: floats, count: count * MemoryLayout<Float>.stride))
    }

    deinit {
        guard owner == nil else { return }
        ck_release(floats, max(count, 1) * MemoryLayout<Float>.stride)
    }
}

/// Memory that a file stands behind.
package protocol PagedMemory: AnyObject, Sendable {
    /// Lets the whole pages among `bytes` go; reading them again brings them back.
    func rest(_ bytes: UnsafeRawBufferPointer)
}

/// The pool that tensors take their memory from.
public enum Memory {
    /// Bytes that tensors hold now.
    public static var inUse: Int { Int(ck_memory().in_use) }

    /// The most bytes that tensors ever held at once.
    public static var peak: Int { Int(ck_memory().peak) }

    /// Bytes of freed blocks kept for reuse.
    public static var kept: Int { Int(ck_memory().kept) }

    /// Bounds the bytes of freed blocks kept for reuse and frees what is above it.
    ///
    /// Unless told, 1 GiB is kept, and more while all memory together stays below the most that was ever in use.
    public static func keep(atMost bytes: Int) { ck_memory_keep_at_most(max(bytes, 0)) }
}
