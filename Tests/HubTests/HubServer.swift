import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A small HTTP server on a port of its own that behaves like a hub, and misbehaves where it is told to.
final class HubServer: Sendable {
    /// What the server does with the next requests for a path, one entry each, before it behaves.
    enum Misdeed: Sendable {
        /// Answers with a status.
        case status(Int)
        /// Sends so many bytes of the answer and hangs up.
        case cut(after: Int)
        /// Sends the whole file whatever range is asked for.
        case ignoresRange
    }

    /// One request as it came.
    struct Request: Sendable {
        let path: String
        let headers: [String: String]
    }

    private struct State {
        var files: [String: Data] = [:]
        /// What the listing says of a file instead of the truth.
        var lies: [String: String] = [:]
        var extra: [String] = []
        var misdeeds: [String: [Misdeed]] = [:]
        var requests: [Request] = []
        var token: String?
        var saysHashes = true
    }

    private let listener: Int32
    let port: Int
    let id = "people/model"
    private let state = Mutex(State())

    var address: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    /// The paths of files that were asked for, and from where on.
    var ranges: [String] {
        requests.filter { $0.path.hasPrefix("/cdn/") }.map { $0.path.dropFirst(5) + " " + ($0.headers["range"] ?? "") }
    }

    init(_ files: [String: Data]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        state.withLock { $0.files = files }
        Thread.detachNewThread { [self] in accept() }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    func set(_ name: String, _ data: Data) { state.withLock { $0.files[name] = data } }
    func misbehave(_ path: String, _ misdeeds: Misdeed...) { state.withLock { $0.misdeeds[path] = misdeeds } }
    func lie(_ name: String, hash: String) { state.withLock { $0.lies[name] = hash } }
    func list(_ name: String) { state.withLock { $0.extra.append(name) } }
    func demand(_ token: String) { state.withLock { $0.token = token } }
    func keepHashesSecret() { state.withLock { $0.saysHashes = false } }
    func forgetRequests() { state.withLock { $0.requests = [] } }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { break }
            Thread.detachNewThread { [self] in
                serve(connection)
                shutdown(connection, Int32(SHUT_RDWR))
                close(connection)
            }
        }
        close(listener)
    }

    private func serve(_ connection: Int32) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !bytes.ends(with: Array("\r\n\r\n".utf8)) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, bytes.count < 1 << 16 else { return }
            bytes += buffer[..<count]
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return }
        let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        let request = Request(path: String(words[1]), headers: Dictionary(pairs) { $1 })
        state.withLock { $0.requests.append(request) }
        answer(request, connection)
    }

    private func answer(_ request: Request, _ connection: Int32) {
        let misdeed = state.withLock { state -> Misdeed? in
            let path = state.misdeeds.keys.first { request.path.contains($0) && !(state.misdeeds[$0] ?? []).isEmpty }
            return path.flatMap { state.misdeeds[$0]?.removeFirst() }
        }
        if case .status(let status)? = misdeed { return send(connection, status, [:], Data("no".utf8)) }
        let isCDN = request.path.hasPrefix("/cdn/")
        if let token = state.withLock({ $0.token }), !isCDN, request.headers["authorization"] != "Bearer \(token)" {
            return send(connection, 401, [:], Data())
        }
        if request.path == "/api/models/\(id)/revision/main?blobs=true" {
            return send(connection, 200, ["Content-Type": "application/json"], listing(), misdeed)
        }
        let resolve = "/\(id)/resolve/main/"
        if request.path.hasPrefix(resolve) {
            let name = String(request.path.dropFirst(resolve.count))
            guard state.withLock({ $0.files[name] }) != nil else { return send(connection, 404, [:], Data()) }
            return send(connection, 302, ["Location": "/cdn/\(name)"], Data("elsewhere".utf8))
        }
        guard isCDN, let file = state.withLock({ $0.files[String(request.path.dropFirst(5))] }) else {
            return send(connection, 404, [:], Data())
        }
        let range = request.headers["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
        if let range, range > 0, !isIgnoring(misdeed) {
            guard range < file.count else { return send(connection, 416, [:], Data()) }
            let headers = ["Content-Range": "bytes \(range)-\(file.count - 1)/\(file.count)"]
            return send(connection, 206, headers, file.dropFirst(range), misdeed)
        }
        send(connection, 200, [:], file, misdeed)
    }

    private func isIgnoring(_ misdeed: Misdeed?) -> Bool { if case .ignoresRange? = misdeed { true } else { false } }

    private func listing() -> Data {
        let siblings = state.withLock { state in
            state.files.sorted { $0.key < $1.key }.map { name, data -> String in
                guard state.saysHashes else { return #"{"rfilename":"\#(name)"}"# }
                let hash = state.lies[name] ?? sha256(data)
                return
                    #"{"rfilename":"\#(name)","size":\#(data.count),"lfs":{"sha256":"\#(hash)","size":\#(data.count)}}"#
            } + state.extra.map { #"{"rfilename":"\#($0)","size":1}"# }
        }
        return Data(#"{"id":"\#(id)","sha":"abc","siblings":[\#(siblings.joined(separator: ","))]}"#.utf8)
    }

    private func send(
        _ connection: Int32, _ status: Int, _ headers: [String: String], _ body: Data, _ misdeed: Misdeed? = nil
    ) {
        var head = "HTTP/1.1 \(status) Such\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        var bytes = Array((head + "\r\n").utf8)
        if case .cut(let count)? = misdeed { bytes += body.prefix(count) } else { bytes += body }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(
                    connection, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with end: [UInt8]) -> Bool { count >= end.count && Array(suffix(end.count)) == end }
}
