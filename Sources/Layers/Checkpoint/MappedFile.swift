internal import BinderyTensors
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a file, mapped read-only for as long as somebody refers to them.
///
/// Files of weights are replaced by renaming, never rewritten in place, so that a map outlives its name. A file that
/// another program shortens while it is mapped cannot be defended against: reading behind its new end is a bus error.
final class MappedFile: PagedMemory, @unchecked Sendable {
    let path: String
    let bytes: UnsafeRawBufferPointer
    /// Whether the pages are a file's, and not memory of our own.
    private let isFile: Bool

    init(_ url: URL) throws(CheckpointError) {
        path = url.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CheckpointError(path, errno == ENOENT ? .absent : .unreadable(MappedFile.reason()))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CheckpointError(path, .unreadable(MappedFile.reason())) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw CheckpointError(path, .directory)
        default: throw CheckpointError(path, .unreadable("not a regular file"))
        }
        guard status.st_size > 0 else { throw CheckpointError(path, .empty) }
        let count = Int(status.st_size)
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw CheckpointError(path, .unreadable(MappedFile.reason()))
        }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
        isFile = true
    }

    /// Memory of our own in place of a file, `count` bytes that `fill` writes: for formats that hold numbers as words.
    init(
        path: String, count: Int, fill: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        self.path = path
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { throw CheckpointError(path, .unreadable(MappedFile.reason())) }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
        isFile = false
        try fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    func rest(_ part: UnsafeRawBufferPointer) {
        guard isFile, let address = part.baseAddress else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let first = (Int(bitPattern: address) + page - 1) / page * page
        let last = (Int(bitPattern: address) + part.count) / page * page
        guard first < last else { return }
        madvise(UnsafeMutableRawPointer(bitPattern: first), last - first, Int32(MADV_DONTNEED))
    }

    /// What the operating system says went wrong last.
    static func reason() -> String { String(cString: strerror(errno)) }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`, whatever its alignment; nil when it does not lie inside.
    func number<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T? {
        guard offset >= 0, offset <= count - MemoryLayout<T>.size else { return nil }
        return T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The bytes `offset ..< offset + length`; nil when they do not all lie inside.
    func part(at offset: Int, length: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[offset..<offset + length])
    }
}
