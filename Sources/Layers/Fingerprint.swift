internal import CCrypto
public import Foundation

/// The SHA-256 hash of everything that decides a model's vectors: weights and preprocessing.
public struct Fingerprint: Hashable, Sendable {
    private let bytes: [UInt8]

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    /// The fingerprint written as 64 hexadecimal digits; nil when `text` is anything else.
    public init?(_ text: some StringProtocol) {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The first 12 hexadecimal digits, for people.
    public var short: String { String(description.prefix(12)) }
}

extension Fingerprint: CustomStringConvertible {
    /// 64 hexadecimal digits.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Fingerprint: Codable {
    /// Reads 64 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let found = Fingerprint(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a fingerprint has 64 hexadecimal digits")
        }
        self = found
    }

    /// Writes 64 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Fingerprint {
    /// Takes pieces of bytes one after the other.
    ///
    /// Every piece counts with its length, so that bytes cannot move from one into the next unnoticed.
    public struct Hash: ~Copyable {
        private let context: OpaquePointer

        /// A hash of nothing yet.
        public init() {
            guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
                preconditionFailure("fingerprint: the crypto library has no SHA-256")
            }
            self.context = context
        }

        deinit { EVP_MD_CTX_free(context) }

        /// Adds a piece.
        public mutating func add(_ bytes: UnsafeRawBufferPointer) {
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { update($0) }
            update(bytes)
        }

        /// Adds a piece.
        public mutating func add(_ data: Data) {
            let bytes = [UInt8](data)
            bytes.withUnsafeBytes { add($0) }
        }

        /// Adds a piece of text.
        public mutating func add(_ text: String) { add(Data(text.utf8)) }

        /// Adds a whole file as a piece, without holding it in memory.
        public mutating func add(contentsOf url: URL) throws(CheckpointError) {
            let file = try MappedFile(url)
            withExtendedLifetime(file) { add(file.bytes) }
        }

        private func update(_ bytes: UnsafeRawBufferPointer) {
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
            let done = EVP_DigestUpdate(context, base, bytes.count)
            precondition(done == 1, "fingerprint: the crypto library failed")
        }

        /// The fingerprint of the pieces so far.
        public func finish() -> Fingerprint {
            // A copy is finished, so that more can be added afterwards.
            let copy = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(copy) }
            var bytes = [UInt8](repeating: 0, count: 32)
            let done = EVP_MD_CTX_copy_ex(copy, context) == 1 && EVP_DigestFinal_ex(copy, &bytes, nil) == 1
            precondition(done, "fingerprint: the crypto library failed")
            return Fingerprint(bytes: bytes)
        }
    }
}
