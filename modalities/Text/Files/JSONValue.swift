/// One value of a `JSONTree`; every accessor gives nil where the value is of another type.
struct JSONValue: Sendable {
    let tree: JSONTree
    let index: Int

    private var node: JSONTree.Node { tree.nodes[index] }

    var isNull: Bool { node.kind == .null }
    var isObject: Bool { node.kind == .object }

    var bool: Bool? {
        switch node.kind {
        case .yes: true
        case .no: false
        default: nil
        }
    }

    /// A number without a fraction, within the range of Int32.
    var int: Int? {
        guard node.kind == .number, let value = Int(literal), value.magnitude <= UInt(Int32.max) else { return nil }
        return value
    }

    /// A finite number.
    var double: Double? {
        guard node.kind == .number, let value = Double(literal), value.isFinite else { return nil }
        return value
    }

    private var literal: String { String(decoding: tree.bytes[Int(node.start)..<Int(node.end)], as: UTF8.self) }

    /// The UTF-8 of a string, escapes resolved; a lone surrogate becomes U+FFFD.
    var utf8: ArraySlice<UInt8>? {
        let raw = tree.bytes[Int(node.start)..<Int(node.end)]
        switch node.kind {
        case .string: return raw
        case .escapedString: return JSONValue.unescaped(raw)[...]
        default: return nil
        }
    }

    var string: String? { utf8.map { String(decoding: $0, as: UTF8.self) } }

    /// The elements of an array; nil for anything else.
    var elements: [JSONValue]? {
        guard node.kind == .array else { return nil }
        var found: [JSONValue] = []
        eachChild { found.append($0) }
        return found
    }

    /// The member called `name` of an object; nil where there is none, or where it is null.
    subscript(name: StaticString) -> JSONValue? {
        guard node.kind == .object else { return nil }
        var key: JSONValue?
        var found: JSONValue?
        eachChild { child in
            guard let name_ = key else {
                key = child
                return
            }
            if found == nil, name_.equals(name) { found = child }
            key = nil
        }
        return found.flatMap { $0.isNull ? nil : $0 }
    }

    /// Calls `body` with the UTF-8 of each name and with its value.
    func eachMember<Failure: Error>(
        _ body: (ArraySlice<UInt8>, JSONValue) throws(Failure) -> Void
    ) throws(Failure) {
        guard node.kind == .object else { return }
        var key: ArraySlice<UInt8>?
        try eachChild { child throws(Failure) in
            guard let name = key else {
                key = child.utf8
                return
            }
            try body(name, child)
            key = nil
        }
    }

    /// Calls `body` with each direct child: the elements of an array, or names and values of an object in turn.
    func eachChild<Failure: Error>(_ body: (JSONValue) throws(Failure) -> Void) throws(Failure) {
        guard node.kind == .object || node.kind == .array else { return }
        let end = Int(node.next)
        var child = index + 1
        while child < end {
            try body(JSONValue(tree: tree, index: child))
            child = Int(tree.nodes[child].next)
        }
    }

    private func equals(_ name: StaticString) -> Bool {
        guard let bytes = utf8 else { return false }
        return bytes.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private static func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var at = raw.startIndex
        func hex(_ from: Int) -> UInt32? {
            guard from + 4 <= raw.endIndex else { return nil }
            return UInt32(String(decoding: raw[from..<from + 4], as: UTF8.self), radix: 16)
        }
        while at < raw.endIndex {
            guard raw[at] == UInt8(ascii: "\\"), at + 1 < raw.endIndex else {
                result.append(raw[at])
                at += 1
                continue
            }
            let escape = raw[at + 1]
            at += 2
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"):
                var code = hex(at) ?? 0xFFFD
                at = min(at + 4, raw.endIndex)
                if code & 0xFC00 == 0xD800, at + 6 <= raw.endIndex, raw[at] == UInt8(ascii: "\\"),
                    raw[at + 1] == UInt8(ascii: "u"), let low = hex(at + 2), low & 0xFC00 == 0xDC00
                {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                    at += 6
                }
                result.append(contentsOf: Character(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: result.append(escape)
            }
        }
        return result
    }
}
