public import Foundation
import Synchronization

/// A place on the network that models are fetched from, laid out as huggingface.co is.
public struct Hub: Sendable {
    /// Where it is, without a slash at the end.
    public let endpoint: String
    let token: String?
    let agent: String
    /// How often a connection may fail without a byte, and how long the first pause is, in seconds.
    let attempts: Int
    let patience: Double

    /// The public hub.
    public static let usualEndpoint = "https://huggingface.co"

    /// A hub at an http or https address; `token` tells it who asks.
    ///
    /// Throws when the address is none.
    public init(
        endpoint: String = usualEndpoint, token: String? = nil, agent: String = "bindery", attempts: Int = 5,
        patience: Double = 1
    ) throws(HubError) {
        var address = endpoint
        while address.hasSuffix("/") { address.removeLast() }
        let isPlain = address.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
        guard isPlain, ["http://", "https://"].contains(where: { address.lowercased().hasPrefix($0) }),
            URL(string: address)?.host() != nil
        else { throw .badEndpoint(endpoint) }
        self.endpoint = address
        let bare = token?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        // Anything else could end the header line and begin another.
        self.token = bare.isEmpty || bare.unicodeScalars.contains { $0.value < 33 || $0.value > 126 } ? nil : bare
        self.agent = agent
        self.attempts = max(attempts, 1)
        self.patience = patience
    }

    /// How far a pull has come, in bytes.
    public struct Progress: Sendable {
        /// Bytes on disk.
        public let done: Int
        /// Bytes in all, as far as the hub announced them.
        public let total: Int
    }

    /// What a pull left.
    public enum Outcome: Sendable {
        /// Everything is there and checked.
        case complete(Pulled)
        /// The hub cannot be reached, for the reason given; an earlier pull of the same revision is there as a whole.
        case offline(Pulled, reason: String)
    }

    /// Fetches a model into `folder`: one set of weights, configurations, tokenizers.
    ///
    /// What is there already is checked and kept, what an earlier attempt began is gone on with, four files come at once,
    /// and every file appears under its name whole or not at all. `.pulled.json` is written last.
    public func pull(
        _ id: HubID, revision: String = "main", to folder: URL, including: [String] = [],
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(HubError) -> Outcome {
        if let other = Pulled.owner(of: folder), other != id.description { throw .taken(folder.path, by: other) }
        let before = Pulled(folder)
        let listing: Listing
        do { listing = try list(id, revision) } catch {
            guard case .unreachable(_, let reason) = error, let before, before.revision == revision else { throw error }
            return .offline(before, reason: reason)
        }
        let wanted = try Selection.wanted(of: listing, id, including: including)
        let tally = Tally(total: wanted.reduce(0) { $0 + ($1.size ?? 0) }, report: progress)
        let results = Mutex<[String: Result<Pulled.File, HubError>]>([:])
        let known = before?.files ?? [:]
        parallel(wanted) { file in
            // After one failure the others end soon; what they have is gone on with another time.
            guard results.withLock({ $0.values.allSatisfy { (try? $0.get()) != nil } }) else { return }
            let download = Download(hub: self, id: id, revision: revision, file: file, folder: folder) {
                tally.set(file.name, $0)
            }
            let result = Result { () throws(HubError) in try download.run(known: known[file.name]) }
            results.withLock { $0[file.name] = result }
        }
        var files: [String: Pulled.File] = [:]
        for (name, result) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            files[name] = try result.get()
        }
        let pulled = Pulled(
            id: id.description, revision: revision, commit: listing.commit, endpoint: endpoint, files: files)
        try pulled.write(to: folder)
        return .complete(pulled)
    }

    /// The files of a revision; throws when the hub does not tell.
    func list(_ id: HubID, _ revision: String) throws(HubError) -> Listing {
        let address = "\(endpoint)/api/models/\(id)/revision/\(revision.percentEncoded)?blobs=true"
        var failures = 0
        while true {
            var body = Data()
            let (transfer, ending) = Transfer.get(address, agent: agent, token: token) { response, bytes in
                if (200...299).contains(response.status) { body.append(contentsOf: bytes) }
                return body.count <= 64 << 20
            }
            let problem: HubError
            switch ending {
            case .stopped: throw .badListing(id.description, reason: "is longer than any list of files")
            case .refused(let reason): throw .unreachable(endpoint, reason: reason)
            case .broken(let reason): problem = .unreachable(endpoint, reason: reason)
            case .done:
                switch transfer.status {
                case 200...299: return try Listing(body, of: id)
                case 401, 403: throw .denied(id.description, hasToken: token != nil)
                case 404: throw .notFound(id.description, revision: revision)
                case 408, 429, 500...599: problem = .status(transfer.status, address)
                default: throw .status(transfer.status, address)
                }
            }
            failures += 1
            guard failures < attempts else { throw problem }
            Thread.sleep(forTimeInterval: patience * Double(1 << (failures - 1)))
        }
    }

    /// `body` for every file, four at once.
    private func parallel(_ files: [HubFile], _ body: @escaping @Sendable (HubFile) -> Void) {
        let rest = Mutex(files[...])
        let next: @Sendable () -> HubFile? = { rest.withLock { $0.popFirst() } }
        withExtendedLifetime(rest) {
            DispatchQueue.concurrentPerform(iterations: min(files.count, 4)) { _ in
                while let file = next() { body(file) }
            }
        }
    }
}

/// Adds up how many bytes of each file are there.
private final class Tally: Sendable {
    private let total: Int
    private let counts = Mutex<[String: Int]>([:])
    private let report: @Sendable (Hub.Progress) -> Void

    init(total: Int, report: @escaping @Sendable (Hub.Progress) -> Void) {
        (self.total, self.report) = (total, report)
    }

    func set(_ name: String, _ count: Int) {
        let done = counts.withLock { counts in
            counts[name] = count
            return counts.values.reduce(0, +)
        }
        report(Hub.Progress(done: done, total: max(total, done)))
    }
}
