/// A JSON text scanned once into a flat list of nodes; values are decoded when they are asked for.
///
/// A vocabulary is a JSON object with up to a million members. General parsers build a dictionary of boxed strings from
/// it, which takes most of a second; here a string stays a range of bytes until its vocabulary copies it.
/// The text may be hostile: depth, node count and every literal are checked, and nothing in here can trap.
final class JSONTree: Sendable {
    enum Kind: UInt8 { case object, array, string, escapedString, number, yes, no, null }

    /// One value: its bytes are `start ..< end` (without quotes), its subtree ends before node `next`.
    struct Node: Sendable {
        var kind: Kind
        var start: UInt32
        var end: UInt32
        var next: UInt32
    }

    /// Deeper nesting than this is refused: real files have less than ten levels.
    static let deepest = 64
    /// More values than this are refused: the largest published vocabulary (Gemma) has about 2.3 million.
    static let mostNodes = 8_000_000

    let bytes: [UInt8]
    let nodes: [Node]

    /// Scans a whole text; `file` is named in errors.
    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        self.bytes = bytes
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .malformed(file: file, what: "not UTF-8", offset: 0)
        }
        var scanner = Scanner(file: file)
        let problem = bytes.withUnsafeBufferPointer { scanner.scan($0) }
        if let problem { throw problem }
        nodes = scanner.nodes
    }

    /// The outermost value.
    var root: JSONValue { JSONValue(tree: self, index: 0) }
}

extension JSONTree {
    /// Walks the bytes once; the first problem ends it.
    private struct Scanner {
        let file: String
        var nodes: [Node] = []
        private var at = 0

        init(file: String) { self.file = file }

        mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> TokenizerError? {
            guard bytes.count < Int(UInt32.max) else {
                return .tooLarge(file: file, bytes: bytes.count, limit: Int(UInt32.max) - 1)
            }
            nodes.reserveCapacity(min(bytes.count / 8 + 16, JSONTree.mostNodes))
            do throws(TokenizerError) {
                try value(bytes, depth: 0)
                skipSpace(bytes)
                guard at == bytes.count else { throw problem("text after the end of the JSON value") }
            } catch { return error }
            return nil
        }

        private func problem(_ what: String) -> TokenizerError { .malformed(file: file, what: what, offset: at) }

        private mutating func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>) {
            while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
                at += 1
            }
        }

        /// Adds a node that starts here and returns its index.
        private mutating func open(_ kind: Kind) throws(TokenizerError) -> Int {
            guard nodes.count < JSONTree.mostNodes else { throw problem("more than \(JSONTree.mostNodes) values") }
            nodes.append(Node(kind: kind, start: UInt32(at), end: 0, next: 0))
            return nodes.count - 1
        }

        private mutating func close(_ node: Int, end: Int) {
            nodes[node].end = UInt32(end)
            nodes[node].next = UInt32(nodes.count)
        }

        private mutating func value(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int) throws(TokenizerError) {
            guard depth < JSONTree.deepest else { throw problem("nesting deeper than \(JSONTree.deepest)") }
            skipSpace(bytes)
            guard at < bytes.count else { throw problem("the text ends where a value should be") }
            switch bytes[at] {
            case UInt8(ascii: "{"): try container(bytes, .object, closing: UInt8(ascii: "}"), depth)
            case UInt8(ascii: "["): try container(bytes, .array, closing: UInt8(ascii: "]"), depth)
            case UInt8(ascii: "\""): try string(bytes)
            case UInt8(ascii: "t"): try word(bytes, "true", .yes)
            case UInt8(ascii: "f"): try word(bytes, "false", .no)
            case UInt8(ascii: "n"): try word(bytes, "null", .null)
            default: try number(bytes)
            }
        }

        private mutating func container(
            _ bytes: UnsafeBufferPointer<UInt8>, _ kind: Kind, closing: UInt8, _ depth: Int
        ) throws(TokenizerError) {
            let node = try open(kind)
            at += 1
            skipSpace(bytes)
            if at < bytes.count, bytes[at] == closing {
                at += 1
                return close(node, end: at)
            }
            while true {
                if kind == .object {
                    skipSpace(bytes)
                    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw problem("a name is missing") }
                    try string(bytes)
                    skipSpace(bytes)
                    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw problem("a colon is missing") }
                    at += 1
                }
                try value(bytes, depth: depth + 1)
                skipSpace(bytes)
                guard at < bytes.count else { throw problem("the text ends inside \(kind)") }
                at += 1
                if bytes[at - 1] == closing { return close(node, end: at) }
                guard bytes[at - 1] == UInt8(ascii: ",") else { throw problem("a comma is missing") }
            }
        }

        private mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
            at += 1
            let node = try open(.string)
            while at < bytes.count {
                let byte = bytes[at]
                if byte == UInt8(ascii: "\"") {
                    close(node, end: at)
                    at += 1
                    return
                }
                guard byte >= 0x20 else { throw problem("a bare control character in a string") }
                if byte == UInt8(ascii: "\\") {
                    nodes[node].kind = .escapedString
                    at += 1
                }
                at += 1
            }
            throw problem("the text ends inside a string")
        }

        private mutating func word(
            _ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString, _ kind: Kind
        ) throws(TokenizerError) {
            let node = try open(kind)
            for offset in 0..<word.utf8CodeUnitCount {
                guard at < bytes.count, bytes[at] == word.utf8Start[offset] else { throw problem("an unknown word") }
                at += 1
            }
            close(node, end: at)
        }

        private mutating func number(_ bytes: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
            let node = try open(.number)
            let start = at
            while at < bytes.count {
                switch bytes[at] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                    UInt8(ascii: "e"), UInt8(ascii: "E"):
                    at += 1
                    continue
                default: break
                }
                break
            }
            guard at > start, at - start < 64 else { throw problem("not a JSON value") }
            close(node, end: at)
        }
    }
}
