import CCrypto
import Foundation

/// The SHA-256 of bytes, in hexadecimal digits.
func sha256(_ data: Data) -> String { digest(data, EVP_sha256()) }

/// The SHA-1 that git names a file's contents by.
func gitBlob(_ data: Data) -> String { digest(Data("blob \(data.count)\0".utf8) + data, EVP_sha1()) }

private func digest(_ data: Data, _ kind: OpaquePointer?) -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    var count: UInt32 = 0
    let all = [UInt8](data)
    EVP_Digest(all, all.count, &bytes, &count, kind, nil)
    return bytes.prefix(Int(count)).map { String(format: "%02x", $0) }.joined()
}
