/// A dotted name with holes: `{n}` (one letter) stands for a whole number, `{part}` (a longer word) for one part between
/// dots, and `*` for any text, dots and nothing included.
///
/// Holes fill as much as they can. The same hole twice stands for the same text.
package struct NamePattern: Sendable, Equatable {
    fileprivate enum Piece: Sendable, Equatable {
        case text([UInt8])
        case number(String)
        case part(String)
        case any
    }

    private let pieces: [Piece]
    /// The names of the holes.
    let holes: Set<String>

    /// Traps when a brace is not closed: patterns are code, not input.
    package init(_ pattern: String) {
        var pieces: [Piece] = []
        var rest = Array(pattern.utf8)[...]
        while let first = rest.first {
            switch first {
            case UInt8(ascii: "*"):
                pieces.append(.any)
                rest = rest.dropFirst()
            case UInt8(ascii: "{"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    preconditionFailure("name pattern '\(pattern)': a brace is not closed")
                }
                let name = String(decoding: rest[rest.startIndex + 1..<end], as: UTF8.self)
                pieces.append(name.count == 1 ? .number(name) : .part(name))
                rest = rest[(end + 1)...]
            default:
                let text = rest.prefix { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "{") }
                pieces.append(.text(Array(text)))
                rest = rest[text.endIndex...]
            }
        }
        self.pieces = pieces
        holes = Set(pieces.compactMap(\.hole))
    }

    /// What fills the holes when this is `name`; nil when it is not.
    package func match(_ name: String) -> [String: String]? {
        let bytes = Array(name.utf8)
        var found: [String: ArraySlice<UInt8>] = [:]
        // Names come from files: one too long to be real is not worth the search.
        guard bytes.count <= 4096, match(pieces[...], bytes[...], &found) else { return nil }
        return found.mapValues { String(decoding: $0, as: UTF8.self) }
    }

    private func match(
        _ pieces: ArraySlice<Piece>, _ text: ArraySlice<UInt8>, _ found: inout [String: ArraySlice<UInt8>]
    ) -> Bool {
        guard let piece = pieces.first else { return text.isEmpty }
        let later = pieces.dropFirst()
        guard let hole = piece.hole else {
            guard case .text(let expected) = piece, text.starts(with: expected) else { return false }
            return match(later, text.dropFirst(expected.count), &found)
        }
        if let known = found[hole] {
            return text.starts(with: known) && match(later, text.dropFirst(known.count), &found)
        }
        let longest = text.prefix(while: piece.admits).count
        let shortest = piece == .any ? 0 : 1
        guard longest >= shortest else { return false }
        for length in (shortest...longest).reversed() {
            found[hole] = text.prefix(length)
            if match(later, text.dropFirst(length), &found) { return true }
        }
        found[hole] = nil
        return false
    }

    /// The name in which the holes are filled.
    package func filled(with values: [String: String]) -> String {
        pieces.reduce(into: "") { name, piece in
            if case .text(let text) = piece { name += String(decoding: text, as: UTF8.self) }
            if let hole = piece.hole { name += values[hole] ?? "" }
        }
    }
}

extension NamePattern.Piece {
    fileprivate var hole: String? {
        switch self {
        case .text: nil
        case .number(let name), .part(let name): name
        case .any: "*"
        }
    }

    fileprivate func admits(_ byte: UInt8) -> Bool {
        switch self {
        case .text: false
        case .number: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        case .part: byte != UInt8(ascii: ".")
        case .any: true
        }
    }
}
