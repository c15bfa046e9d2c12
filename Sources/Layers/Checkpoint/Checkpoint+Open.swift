public import Foundation

extension Checkpoint {
    /// Opens a safetensors file, a torch file, or the index of a sharded model; its content says which it is.
    ///
    /// Throws, with everything that is wrong, when the file is not there, not complete or not consistent.
    public init(contentsOf url: URL) throws(CheckpointError) {
        let file = try MappedFile(url)
        switch Format(of: file.bytes, named: url.lastPathComponent) {
        case .safetensors: self = try Safetensors.read(file)
        case .largeFilePointer: throw CheckpointError(file.path, .largeFilePointer)
        case nil: throw CheckpointError(file.path, .unknownFormat)
        }
    }

    /// The kinds of file that hold weights.
    enum Format {
        case safetensors, largeFilePointer

        init?(of bytes: UnsafeRawBufferPointer, named name: String) {
            let isObject = bytes.number(at: 8, as: UInt8.self) == UInt8(ascii: "{")
            if isObject {
                self = .safetensors
            } else if bytes.starts(with: "version https://git-lfs".utf8) {
                self = .largeFilePointer
            } else if name.hasSuffix(".safetensors") {
                self = .safetensors
            } else {
                return nil
            }
        }
    }
}
