extension Parameters {
    /// Freezes what lies under `frozen` and unfreezes what lies under `except`.
    ///
    /// Of several paths over one parameter the longest wins, whatever their order. Buffers stay as they are.
    ///
    /// Throws when a path matches no parameter.
    public func freeze(_ frozen: [String], except unfrozen: [String] = []) throws(FreezeError) {
        let names = all.map(\.name)
        let unmatched = (frozen + unfrozen).filter { path in !names.contains { $0.isUnder(path) } }
        guard unmatched.isEmpty else {
            let places = Set(names.flatMap { name in name.prefixes }).sorted()
            throw FreezeError(paths: unmatched, nearest: unmatched[0].nearest(in: places))
        }
        for parameter in all where parameter.kind == .weight {
            let freezing = frozen.filter(parameter.name.isUnder).map(\.count).max() ?? -1
            let unfreezing = unfrozen.filter(parameter.name.isUnder).map(\.count).max() ?? -1
            guard max(freezing, unfreezing) >= 0 else { continue }
            parameter.isFrozen = freezing > unfreezing
        }
    }

    /// Runs `body` while everything is frozen, so that nothing is recorded, and restores what was trainable.
    public func whileFrozen<R>(_ body: () throws -> R) rethrows -> R {
        let trainable = trainable
        for parameter in trainable { parameter.isFrozen = true }
        defer { for parameter in trainable { parameter.isFrozen = false } }
        return try body()
    }
}

extension String {
    /// Every dotted prefix of a dotted name, itself included.
    fileprivate var prefixes: [String] {
        var parts: [String] = []
        return split(separator: ".").map { part in
            parts.append(String(part))
            return parts.joined(separator: ".")
        }
    }
}

/// Paths to freeze or unfreeze that match no parameter.
public struct FreezeError: Error, Hashable, CustomStringConvertible {
    /// The paths that match nothing.
    public let paths: [String]
    /// What may have been meant by the first.
    public let nearest: String?

    /// One sentence and the next step.
    public var description: String {
        let list = paths.joined(separator: ", ")
        return "no parameter lies under \(list)"
            + (nearest.map { "; did you mean \($0)?" } ?? "; `bindery info` lists the towers and their parts")
    }
}
