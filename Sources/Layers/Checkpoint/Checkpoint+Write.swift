public import BinderyTensors
public import Foundation

extension Checkpoint {
    /// Writes `tensors` in the given order, with `metadata` beside them, as the safetensors file `url`.
    ///
    /// The same tensors and words give the same bytes. The file replaces an older one in one step, once it is complete.
    /// Throws when a name is there twice, or when the file cannot be written.
    public static func write(
        _ tensors: [(String, Tensor)], metadata: [String: String] = [:], to url: URL
    ) throws(CheckpointError) {
        let path = url.path(percentEncoded: false)
        var seen: Set<String> = []
        let repeated = tensors.map(\.0).filter { !seen.insert($0).inserted || $0 == "__metadata__" }
        guard repeated.isEmpty else { throw CheckpointError(path, repeated.map { .duplicate(tensor: $0) }) }

        let header = header(of: tensors, metadata)
        do {
            try AtomicFile.save(to: url) { file throws(AtomicFile.Failure) in
                try Checkpoint.append(header, to: file)
                for (_, tensor) in tensors { try Checkpoint.append(tensor, to: file) }
            }
        } catch {
            throw CheckpointError(path, .unwritable(error.reason))
        }
    }

    // The bytes are appended through a captured error, because `read` and `withUnsafeBytes` rethrow untyped.

    private static func append(_ tensor: Tensor, to file: borrowing AtomicFile) throws(AtomicFile.Failure) {
        let result = tensor.read { floats in file.result(of: UnsafeRawBufferPointer(floats)) }
        try result.get()
    }

    private static func append(_ bytes: [UInt8], to file: borrowing AtomicFile) throws(AtomicFile.Failure) {
        let result = bytes.withUnsafeBytes { file.result(of: $0) }
        try result.get()
    }

    /// The length and the JSON header, padded with spaces so that the numbers begin at a multiple of 8.
    private static func header(of tensors: [(String, Tensor)], _ metadata: [String: String]) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let words = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(words.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + tensor.count * MemoryLayout<Float>.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension AtomicFile {
    fileprivate borrowing func result(of bytes: UnsafeRawBufferPointer) -> Result<Void, Failure> {
        do throws(Failure) { return .success(try append(bytes)) } catch { return .failure(error) }
    }
}
