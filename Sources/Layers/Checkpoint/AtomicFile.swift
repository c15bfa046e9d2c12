package import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that appears under its name complete, or not at all.
///
/// Written beside its place under a hidden name, flushed to the disk, then renamed; a crash leaves the old file.
package struct AtomicFile: ~Copyable {
    /// What the operating system refused.
    package struct Failure: Error {
        package let reason: String
    }

    private let descriptor: Int32
    private let temporary: String

    /// Writes `url` through `body`; throws what the operating system refused, and then leaves no file behind.
    package static func save(
        to url: URL, _ body: (borrowing AtomicFile) throws(Failure) -> Void
    ) throws(Failure) {
        let path = url.path(percentEncoded: false)
        let file = try AtomicFile(beside: url)
        var renamed = false
        defer { if !renamed { unlink(file.temporary) } }
        try body(file)
        guard fsync(file.descriptor) == 0, rename(file.temporary, path) == 0 else { throw Failure.last }
        renamed = true
        // The rename itself lies in the folder; where folders cannot be flushed, it is still atomic.
        let folder = open(url.deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private init(beside url: URL) throws(Failure) {
        let name = ".\(url.lastPathComponent).\(getpid())-\(UInt64.random(in: .min ... .max))"
        temporary = url.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure.last }
    }

    deinit { close(descriptor) }

    /// Appends all of `bytes`.
    package borrowing func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let written = write(descriptor, part.baseAddress, part.count)
            guard written >= 0 || errno == EINTR else { throw Failure.last }
            rest = rest.dropFirst(max(written, 0))
        }
    }
}

extension AtomicFile.Failure {
    fileprivate static var last: AtomicFile.Failure { .init(reason: MappedFile.reason()) }
}
