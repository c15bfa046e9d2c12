import CTransfer

/// One GET request: the responses on the way, and the body of the last one.
final class Transfer {
    /// One response: its status and its headers, whose names are in small letters.
    struct Response {
        let status: Int
        fileprivate(set) var headers: [String: String] = [:]
    }

    /// How a request ended.
    enum Ending {
        case done
        /// The receiver wanted no more.
        case stopped
        case refused(reason: String)
        case broken(reason: String)
    }

    /// Redirects and the last response, in order.
    private(set) var responses: [Response] = []
    private let receive: (Response, UnsafeRawBufferPointer) -> Bool

    private init(_ receive: @escaping (Response, UnsafeRawBufferPointer) -> Bool) { self.receive = receive }

    /// The last status, 0 where there was no response.
    var status: Int { responses.last?.status ?? 0 }

    /// The header `name` of the first response that has it.
    func header(_ name: String) -> String? { responses.lazy.compactMap { $0.headers[name] }.first }

    /// Fetches `address` from byte `from` on; `receive` gets the body in pieces until it returns false.
    static func get(
        _ address: String, agent: String, token: String?, from: Int = 0,
        receive: @escaping (Response, UnsafeRawBufferPointer) -> Bool
    ) -> (Transfer, Ending) {
        let transfer = Transfer(receive)
        return (transfer, transfer.perform(address, agent, token, from))
    }

    private func perform(_ address: String, _ agent: String, _ token: String?, _ from: Int) -> Ending {
        let line = token.map { "Authorization: Bearer \($0)" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(transfer_message_size)) { message in
            guard let reason = message.baseAddress else { return .refused(reason: "no memory") }
            return address.withCString { address in
                agent.withCString { agent in
                    line.withCString { line in
                        var request = transfer_request(
                            url: address, agent: agent, authorization: line, from: Int64(from),
                            stays_secure: String(cString: address).lowercased().hasPrefix("https:"),
                            connect_seconds: 30, stall_seconds: 60,
                            header: { bytes, count, context in
                                Transfer.from(context)?.add(header: UnsafeRawBufferPointer(start: bytes, count: count))
                                return count
                            },
                            body: { bytes, count, context in
                                let transfer = Transfer.from(context)
                                return transfer?.add(UnsafeRawBufferPointer(start: bytes, count: count)) == true
                                    ? count : 0
                            }, context: Unmanaged.passUnretained(self).toOpaque())
                        let outcome = transfer_perform(&request, reason)
                        switch outcome {
                        case transfer_done: return .done
                        case transfer_ended_by_receiver: return .stopped
                        case transfer_broken: return .broken(reason: String(cString: reason))
                        default: return .refused(reason: String(cString: reason))
                        }
                    }
                }
            }
        }
    }

    private func add(header bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self).trimmedBlanks
        if line.hasPrefix("HTTP/") {
            let status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            if status >= 200 { responses.append(Response(status: status)) }
            return
        }
        guard let colon = line.firstIndex(of: ":"), !responses.isEmpty else { return }
        let value = String(line[line.index(after: colon)...]).trimmedBlanks
        responses[responses.count - 1].headers[line[..<colon].lowercased()] = value
    }

    private func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let last = responses.last else { return false }
        return receive(last, bytes)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension String {
    fileprivate var trimmedBlanks: String {
        let isBlank = { (character: Character) in character.isWhitespace }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}

extension String? {
    /// Calls `body` with a C string, or nil for none.
    fileprivate func withCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
        guard let text = self else { return body(nil) }
        return text.withCString { body($0) }
    }
}
