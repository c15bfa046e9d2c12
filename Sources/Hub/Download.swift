import Foundation

/// The way of one file onto the disk: into `NAME.part`, checked, then renamed.
///
/// What a broken attempt left is kept and gone on from, in the same run and in later ones.
struct Download {
    let hub: Hub
    let id: HubID
    let revision: String
    let file: HubFile
    let folder: URL
    /// Gets how many bytes are there, whenever more are.
    let progress: @Sendable (Int) -> Void

    private var target: URL { folder.appending(path: file.name) }
    private var part: URL { folder.appending(path: file.name + ".part") }
    private var address: String {
        let path = file.name.split(separator: "/").map(\.percentEncoded).joined(separator: "/")
        return "\(hub.endpoint)/\(id)/resolve/\(revision.percentEncoded)/\(path)"
    }

    /// Fetches the file and returns what was checked; `known` is what an earlier pull noted of it.
    func run(known: Pulled.File?) throws(HubError) -> Pulled.File {
        if let there = alreadyThere(known) {
            progress(there.size)
            return there
        }
        do {
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .disk(target.deletingLastPathComponent().path, reason: error.localizedDescription)
        }
        var reason = ""
        // What is on disk may be of an earlier revision: once more from the start before giving up.
        for _ in 0..<2 {
            let announced = try fetch()
            let size = HubFile.size(of: part) ?? 0
            if let expected = announced.size, expected != size {
                reason = "\(size) bytes instead of \(expected)"
            } else if let hash = announced.hash, !hash.matches(part) {
                reason = "its hash is not the hub's"
            } else {
                guard rename(part.path, target.path) == 0 else {
                    throw .disk(target.path, reason: String(cString: strerror(errno)))
                }
                return Pulled.File(size: size, hash: announced.hash?.digits)
            }
            try? FileManager.default.removeItem(at: part)
            progress(0)
        }
        throw .damaged(file.name, reason: reason)
    }

    /// What is on disk, where it is the file.
    private func alreadyThere(_ known: Pulled.File?) -> Pulled.File? {
        guard let size = HubFile.size(of: target), file.size.map({ $0 == size }) ?? true else { return nil }
        if let known, known.size == size, known.hash != nil, known.hash == file.hash?.digits { return known }
        guard let hash = file.hash, hash.matches(target) else { return nil }
        return Pulled.File(size: size, hash: hash.digits)
    }

    /// Brings all bytes into the part, over several connections where they break; returns what the hub announced.
    private func fetch() throws(HubError) -> HubFile {
        var announced = file
        var failures = 0
        while true {
            let there = HubFile.size(of: part) ?? 0
            if let size = announced.size, there >= size, failures > 0 || there > 0 {
                // Too much is noticed by whoever checks.
                progress(there)
                return announced
            }
            let writer = try PartWriter(part, from: there, limit: announced.size)
            let (transfer, ending) = Transfer.get(
                address, agent: hub.agent, token: hub.token, from: there
            ) { response, bytes in
                guard (200...299).contains(response.status) else { return true }
                let isOn = writer.write(bytes, isContinued: response.status == 206)
                progress(writer.count)
                return isOn
            }
            writer.close()
            if let failure = writer.failure { throw .disk(part.path, reason: failure) }
            if announced.hash == nil {
                announced.hash = (transfer.header("x-linked-etag") ?? transfer.header("etag")).flatMap(ContentHash.init)
            }
            let progressed = writer.count > there
            let problem: HubError
            switch ending {
            case .stopped: return announced
            case .refused(let reason): problem = .unreachable(hub.endpoint, reason: reason)
            case .broken(let reason): problem = .broken(file.name, reason: reason)
            case .done:
                switch transfer.status {
                case 200...299:
                    writer.truncateIfUnwritten(there, status: transfer.status)
                    return announced
                case 416:
                    // The part is longer than the file: it is of another one.
                    try? FileManager.default.removeItem(at: part)
                    problem = .status(416, address)
                case 401, 403: throw .denied(id.description, hasToken: hub.token != nil)
                case 404: throw .notFound("\(id)/\(file.name)", revision: revision)
                case 408, 429, 500...599: problem = .status(transfer.status, address)
                default: throw .status(transfer.status, address)
                }
            }
            failures = progressed ? 1 : failures + 1
            guard failures < hub.attempts else { throw problem }
            Thread.sleep(forTimeInterval: hub.patience * Double(1 << (failures - 1)))
        }
    }
}

/// Appends what arrives to a part, or begins it anew when the hub does.
private final class PartWriter {
    private(set) var count: Int
    private(set) var failure: String?
    private let descriptor: Int32
    private let limit: Int?
    private var hasBegun = false

    init(_ url: URL, from start: Int, limit: Int?) throws(HubError) {
        count = start
        self.limit = limit
        descriptor = open(url.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .disk(url.path, reason: String(cString: strerror(errno))) }
    }

    /// Takes bytes; false when the disk refuses, or when there are more than announced.
    func write(_ bytes: UnsafeRawBufferPointer, isContinued: Bool) -> Bool {
        if !hasBegun {
            hasBegun = true
            if !isContinued { count = 0 }
            guard ftruncate(descriptor, off_t(count)) == 0, lseek(descriptor, off_t(count), SEEK_SET) >= 0 else {
                return refuse()
            }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let written = Foundation.write(descriptor, piece.baseAddress, piece.count)
            guard written >= 0 || errno == EINTR else { return refuse() }
            rest = rest.dropFirst(max(written, 0))
            count += max(written, 0)
        }
        return limit.map { count <= $0 } ?? true
    }

    /// An empty file has no body that could have begun it anew.
    func truncateIfUnwritten(_ start: Int, status: Int) {
        if !hasBegun, status == 200, start > 0 { ftruncate(descriptor, 0) }
    }

    func close() { if fsync(descriptor) != 0, failure == nil { failure = String(cString: strerror(errno)) } }

    deinit { Foundation.close(descriptor) }

    private func refuse() -> Bool {
        failure = String(cString: strerror(errno))
        return false
    }
}
