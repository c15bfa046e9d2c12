public import Foundation

extension Checkpoint {
    /// Opens a safetensors file, a torch file, or the index of a sharded model; its content says which it is.
    ///
    /// Of a torch file it takes the dictionary of weights, at the root or under the usual keys (`state_dict`, `model` …),
    /// or the attributes of a TorchScript module; nothing in the file is executed. Throws, with everything that is
    /// wrong, when the file is not there, not complete or not consistent.
    public init(contentsOf url: URL) throws(CheckpointError) {
        let file = try MappedFile(url)
        switch Format(of: file.bytes, named: url.lastPathComponent) {
        case .index: self = try ShardIndex.read(file, beside: url)
        case let format: try self.init(file, format)
        }
    }

    /// Opens one file of a sharded model, which cannot be an index again.
    init(shard url: URL) throws(CheckpointError) {
        let file = try MappedFile(url)
        try self.init(file, Format(of: file.bytes, named: url.lastPathComponent))
    }

    private init(_ file: MappedFile, _ format: Format?) throws(CheckpointError) {
        switch format {
        case .safetensors: self = try Safetensors.read(file)
        case .torch: self = try TorchFile.read(file)
        case .largeFilePointer: throw CheckpointError(file.path, .largeFilePointer)
        case .index, nil: throw CheckpointError(file.path, .unknownFormat)
        }
    }

    /// Every tensor of a torch file, also those outside of the weights, under its path of keys joined by dots.
    package static func everything(inTorchFile url: URL) throws(CheckpointError) -> Checkpoint {
        try TorchFile.read(MappedFile(url), everything: true)
    }

    /// The kinds of file that hold weights.
    private enum Format {
        case safetensors, torch, index, largeFilePointer

        init?(of bytes: UnsafeRawBufferPointer, named name: String) {
            let length: UInt64 = bytes.number(at: 0) ?? .max
            if bytes.number(at: 8, as: UInt8.self) == UInt8(ascii: "{"), length <= bytes.count {
                self = .safetensors
            } else if bytes.starts(with: "PK\u{3}\u{4}".utf8) || TorchFile.isStream(bytes) {
                self = .torch
            } else if bytes.starts(with: "version https://git-lfs".utf8) {
                self = .largeFilePointer
            } else if bytes.first == UInt8(ascii: "{"), length > bytes.count {
                self = .index
            } else if bytes.number(at: 8, as: UInt8.self) == UInt8(ascii: "{") || name.hasSuffix(".safetensors") {
                self = .safetensors
            } else {
                return nil
            }
        }
    }
}
