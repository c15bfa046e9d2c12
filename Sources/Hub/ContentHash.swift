import CCrypto
import Foundation

/// What a file's contents hash to, as hubs say it: SHA-256 for large files, git's SHA-1 of a blob for the others.
enum ContentHash: Hashable, Sendable {
    case sha256(String)
    case gitBlob(String)

    /// Reads 64 or 40 hexadecimal digits, in the quotes of an ETag or without; nil for anything else.
    init?(_ text: String) {
        var digits = Substring(text)
        if digits.hasPrefix("W/") { digits = digits.dropFirst(2) }
        digits = digits.drop { $0 == "\"" }
        while digits.last == "\"" { digits.removeLast() }
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || 0x61...0x66 ~= $0 }) else {
            return nil
        }
        switch digits.utf8.count {
        case 64: self = .sha256(String(digits))
        case 40: self = .gitBlob(String(digits))
        default: return nil
        }
    }

    /// The digits.
    var digits: String {
        switch self {
        case .sha256(let digits), .gitBlob(let digits): digits
        }
    }

    /// Whether the file at `url` has this hash; false when it cannot be read.
    func matches(_ url: URL) -> Bool {
        guard let file = try? FileHandle(forReadingFrom: url), let size = try? file.seekToEnd(),
            (try? file.seek(toOffset: 0)) != nil, let context = EVP_MD_CTX_new()
        else { return false }
        defer {
            EVP_MD_CTX_free(context)
            try? file.close()
        }
        guard EVP_DigestInit_ex(context, isSHA256 ? EVP_sha256() : EVP_sha1(), nil) == 1 else { return false }
        if !isSHA256 {
            let head = Array("blob \(size)\0".utf8)
            guard EVP_DigestUpdate(context, head, head.count) == 1 else { return false }
        }
        while let piece = try? file.read(upToCount: 1 << 20), !piece.isEmpty {
            let isTaken = [UInt8](piece).withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
            guard isTaken == 1 else { return false }
        }
        var bytes = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &bytes, &count) == 1 else { return false }
        return bytes.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digits
    }

    private var isSHA256: Bool { if case .sha256 = self { true } else { false } }
}
