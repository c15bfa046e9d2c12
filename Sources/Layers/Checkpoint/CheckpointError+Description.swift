extension CheckpointError: CustomStringConvertible {
    /// One sentence: the file, what is wrong with it, and what to do.
    public var description: String {
        let advice = problems.first.map { "; \($0.advice)" } ?? ""
        return clause + advice
    }

    /// The file and what is wrong with it.
    var clause: String {
        let shown = 8
        var parts = problems.prefix(shown).map(\.description)
        if problems.count > shown { parts.append("and \(problems.count - shown) more problems") }
        return "\(path): \(parts.joined(separator: ", "))"
    }
}

extension CheckpointError.Problem: CustomStringConvertible {
    /// The problem as a clause without its file.
    public var description: String {
        switch self {
        case .absent: "there is no such file"
        case .directory: "this is a folder, not a file of weights"
        case .unreadable(let reason): "cannot be read (\(reason))"
        case .unwritable(let reason): "cannot be written (\(reason))"
        case .empty: "the file is empty"
        case .unknownFormat: "this is neither a safetensors file nor a torch file"
        case .largeFilePointer: "this is a Git LFS pointer, not the weights it stands for"
        case .truncated(let expected, let found): "the file ends at byte \(found) but needs \(expected)"
        case .headerTooLong(let bytes, let limit): "the header claims \(bytes) bytes, more than the limit of \(limit)"
        case .header(let expected, let at): "the header has no \(expected) at byte \(at)"
        case .unknownType(let tensor, let type): "\(tensor.quoted) has the unknown number type \(type)"
        case .wrongLength(let tensor, let shape, let type, let bytes):
            "\(tensor.quoted) has \(bytes) bytes, which do not hold \(type.rawValue) numbers of shape \(shape)"
        case .outOfRange(let tensor, let begin, let end, let available):
            "\(tensor.quoted) claims the bytes \(begin) to \(end) of \(available)"
        case .overlap(let tensor, let other): "\(tensor.quoted) overlaps \(other.quoted)"
        case .hole(let begin, let end): "the data bytes \(begin) to \(end) belong to no tensor"
        case .duplicate(let tensor): "\(tensor.quoted) is there twice"
        case .tooLarge(let tensor, let shape): "\(tensor.quoted) of shape \(shape) is too large"
        case .notIntegers(let tensor, let type): "\(tensor.quoted) holds \(type.rawValue) numbers, not integers"
        case .index(let reason): "the shard index \(reason)"
        case .shard(let reason): "a shard is unusable (\(reason))"
        case .archive(let reason): "the zip archive \(reason)"
        case .pickle(let reason, let at): "the pickle \(reason) at byte \(at)"
        case .foreign(let global): "the pickle wants to call \(global), which no weights need"
        case .storage(let tensor, let reason): "the numbers of \(tensor.quoted) \(reason)"
        case .noWeights: "the file holds no tensors with names"
        case .line(let number, let reason): "line \(number) \(reason)"
        case .missing(let tensor): "\(tensor.quoted) is missing"
        case .surplus(let tensor): "\(tensor.quoted) is not used"
        case .misshaped(let tensor, let expected, let found):
            "\(tensor.quoted) has shape \(found) where \(expected) is expected"
        }
    }

    var advice: String {
        switch self {
        case .absent: "check the path"
        case .directory: "name the file inside it"
        case .unreadable: "check its permissions"
        case .unwritable: "check the folder's permissions and free space"
        case .unknownFormat: "Bindery reads .safetensors, .pt, .pth and .bin"
        case .largeFilePointer: "fetch it with `git lfs pull`"
        case .unknownType, .tooLarge: "convert the file with the software that wrote it"
        case .notIntegers: "read it as floats"
        case .foreign: "load it only in the software that wrote it, and save a plain state dict"
        case .noWeights: "save a state dict"
        case .missing, .surplus, .misshaped: "check that config and weights belong together"
        case .index, .shard: "fetch all files of the model again"
        case .empty, .truncated, .headerTooLong, .header, .wrongLength, .outOfRange, .overlap, .hole, .duplicate,
            .archive, .pickle, .storage, .line:
            "the file is damaged, fetch or write it again"
        }
    }
}

extension String {
    /// The text in quotes, on one line and not endless, as names from hostile files may be neither.
    fileprivate var quoted: String {
        let line = String(prefix(200).map { $0.isNewline ? " " : $0 })
        return line.count < 200 ? "'\(line)'" : "'\(line)…'"
    }
}
