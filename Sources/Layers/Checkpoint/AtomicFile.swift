package import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that appears under its name complete, or not at all.
///
/// Written beside its place under a hidden name, flushed to the disk, then renamed; a crash leaves the old file. Where the
/// name leads to another place by links, the file there is replaced, and what is no file (a device, a pipe) is written to.
package struct AtomicFile: ~Copyable {
    /// What the operating system refused.
    package struct Failure: Error {
        package let reason: String
    }

    private let descriptor: Int32

    /// Writes `url` through `body`; throws what the operating system refused, and then leaves no file behind.
    package static func save(
        to url: URL, _ body: (borrowing AtomicFile) throws(Failure) -> Void
    ) throws(Failure) {
        let path = url.path(percentEncoded: false)
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG { return try body(AtomicFile(path, O_WRONLY)) }
        let place = exists ? url.resolvingSymlinksInPath() : url
        let folder = place.deletingLastPathComponent()
        let name = ".\(place.lastPathComponent).\(getpid())-\(UInt64.random(in: .min ... .max))"
        let temporary = folder.appending(path: name).path(percentEncoded: false)
        let file = try AtomicFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
        var renamed = false
        defer { if !renamed { unlink(temporary) } }
        try body(file)
        guard fsync(file.descriptor) == 0, rename(temporary, place.path(percentEncoded: false)) == 0 else {
            throw Failure.last
        }
        renamed = true
        // The rename itself lies in the folder; where folders cannot be flushed, it is still atomic.
        let descriptor = open(folder.path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }

    private init(_ path: String, _ flags: Int32) throws(Failure) {
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
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

extension AtomicFile {
    /// Writes all of `data`; throws a sentence that names the file.
    package static func save(_ data: Data, to url: URL) throws(Unwritable) {
        do throws(Failure) {
            try save(to: url) { file throws(Failure) in
                let result = data.withUnsafeBytes { bytes in
                    Result { () throws(Failure) in try file.append(bytes) }
                }
                try result.get()
            }
        } catch { throw Unwritable(path: url.path(percentEncoded: false), reason: error.reason) }
    }

    /// A file that could not be written.
    package struct Unwritable: Error, CustomStringConvertible {
        let path: String
        let reason: String

        package var description: String {
            "\(path): cannot be written (\(reason)); check the folder and the space that is left"
        }
    }
}
