/// A sentencepiece table of replacements: a double-array trie (Yata and others 2007) over UTF-8, then the replacements.
///
/// The table comes from a file, so every index is checked as it is followed.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Reads a `precompiled_charsmap`; nil when its trie does not fit in it.
    init?(_ blob: some Collection<UInt8>) {
        let blob = Array(blob)
        func word(_ at: Int) -> UInt32 {
            UInt32(blob[at]) | UInt32(blob[at + 1]) << 8 | UInt32(blob[at + 2]) << 16 | UInt32(blob[at + 3]) << 24
        }
        guard blob.count > 4, case let size = Int(word(0)), size % 4 == 0, size > 0, size <= blob.count - 4
        else { return nil }
        units = stride(from: 4, to: 4 + size, by: 4).map(word)
        replacements = Array(blob[(4 + size)...])
    }

    /// The replacement of the bytes from `start`, and how many of them it stands for.
    ///
    /// The longest entry that matches, or with `shortest` the first one found.
    func match(
        _ text: UnsafeBufferPointer<UInt8>, at start: Int, shortest: Bool = false
    ) -> (length: Int, replacement: ArraySlice<UInt8>)? {
        var found: (length: Int, value: Int)?
        var node = CharacterMap.offset(units[0])
        var at = start
        while at < text.count {
            node ^= Int(text[at])
            guard node < units.count, units[node] & 0x8000_00FF == UInt32(text[at]) else { break }
            let unit = units[node]
            node ^= CharacterMap.offset(unit)
            at += 1
            guard unit & 0x100 != 0 else { continue }
            guard node < units.count else { break }
            found = (at - start, Int(units[node] & 0x7FFF_FFFF))
            if shortest { break }
        }
        guard let found, found.value < replacements.count else { return nil }
        let rest = replacements[found.value...]
        return (found.length, rest[..<(rest.firstIndex(of: 0) ?? rest.endIndex)])
    }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }

    /// The text as the tokenizers library maps it: whole grapheme clusters of up to five bytes first, else each
    /// character by itself, and always the shortest entry.
    func applyByGrapheme(_ text: Scalars) -> Scalars {
        var result: [UInt8] = []
        func append(_ bytes: [UInt8]) -> Bool {
            let replacement = bytes.withUnsafeBufferPointer { match($0, at: 0, shortest: true)?.replacement }
            guard let replacement else { return false }
            result += replacement
            return true
        }
        for cluster in text.string {
            let bytes = Array(cluster.utf8)
            if bytes.count < 6, append(bytes) { continue }
            for scalar in cluster.unicodeScalars {
                let bytes = [scalar].utf8
                if !append(bytes) { result += bytes }
            }
        }
        return Scalars(utf8: result)
    }
}
