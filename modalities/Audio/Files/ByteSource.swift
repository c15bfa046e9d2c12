import Foundation

/// Bytes that can be read at any place: a file that stays open, or memory.
final class ByteSource: Sendable {
    /// What errors call it.
    let name: String
    /// How many bytes there are.
    let count: Int
    private let bytes: Data?
    private let descriptor: Int32

    init(_ data: Data, name: String) throws(AudioError) {
        guard !data.isEmpty else { throw AudioError(name, .noBytes) }
        self.name = name
        count = data.count
        bytes = data
        descriptor = -1
    }

    init(_ url: URL) throws(AudioError) {
        let name = url.path
        self.name = name
        // Non-blocking, so that opening a pipe nobody writes to returns.
        let descriptor = url.withUnsafeFileSystemRepresentation { path in
            path.map { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } ?? -1
        }
        guard descriptor >= 0 else {
            let code = errno
            let absent = code == ENOENT || code == ENOTDIR
            throw AudioError(name, absent ? .absent : .unreadable(reason: String(cString: strerror(code))))
        }
        var status = stat()
        let problem: AudioError.Problem? =
            if fstat(descriptor, &status) != 0 {
                .unreadable(reason: String(cString: strerror(errno)))
            } else if status.st_mode & S_IFMT == S_IFDIR {
                .directory
            } else if status.st_mode & S_IFMT != S_IFREG {
                .special
            } else if status.st_size == 0 {
                .noBytes
            } else {
                nil
            }
        if let problem {
            close(descriptor)
            throw AudioError(name, problem)
        }
        self.descriptor = descriptor
        count = Int(status.st_size)
        bytes = nil
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Copies up to `wanted` bytes from `offset` on and returns how many; fewer at the end or when reading fails.
    func read(at offset: Int, _ wanted: Int, into target: UnsafeMutableRawPointer) -> Int {
        let length = min(wanted, count - offset)
        guard offset >= 0, length > 0 else { return 0 }
        if let bytes {
            let start = bytes.startIndex + offset
            bytes.copyBytes(to: target.assumingMemoryBound(to: UInt8.self), from: start..<start + length)
            return length
        }
        var done = 0
        while done < length {
            let step = pread(descriptor, target + done, length - done, off_t(offset + done))
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { break }
            done += step
        }
        return done
    }

    /// Up to `wanted` bytes from `offset` on.
    func bytes(at offset: Int, _ wanted: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            count = buffer.baseAddress.map { read(at: offset, wanted, into: $0) } ?? 0
        }
    }
}
