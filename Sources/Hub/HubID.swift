/// The name of a model on a hub: `organisation/name`, or `name` for the few that belong to nobody.
public struct HubID: Hashable, Sendable, CustomStringConvertible {
    /// The whole name.
    public let description: String

    /// Reads a name; throws when it cannot be one.
    public init(_ text: String) throws(HubError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ HubID.isPart($0) }), text.utf8.count <= 200 else {
            throw .badID(text)
        }
        description = text
    }

    /// The name without its organisation.
    public var name: String { description.split(separator: "/").last.map(String.init) ?? description }

    private static func isPart(_ part: Substring) -> Bool {
        let known = part.unicodeScalars.allSatisfy {
            $0.isPlain || "-_.".unicodeScalars.contains($0)
        }
        return known && !part.isEmpty && part.first != "." && part.first != "-" && !part.contains("..")
    }
}

extension StringProtocol {
    /// The text as one part of an address: everything but letters, digits and `-_.~` as `%XX`.
    var percentEncoded: String {
        utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isPlain || "-_.~".unicodeScalars.contains(scalar)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(scalar) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

extension Unicode.Scalar {
    /// Whether this is a letter or digit of ASCII.
    fileprivate var isPlain: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
    }
}
