/// What `torch.save` and `torch.jit.save` write: a zip archive, or the older stream of pickles and numbers.
enum TorchFile {
    /// The longest pickle that is read; those of the largest published models are a hundred times shorter.
    static let longestPickle = 1 << 26

    /// Where the numbers of a storage lie in the file.
    typealias Place = (offset: Int, bytes: Int)

    /// Runs the pickle and checks every tensor of the weights against the file; reads no numbers.
    static func read(_ file: MappedFile, everything: Bool = false) throws(CheckpointError) -> Checkpoint {
        let weights: StateDict
        var places: [String: Place] = [:]
        do throws(CheckpointError.Problem) {
            let isArchive = file.bytes.starts(with: "PK".utf8)
            let (root, heap) = isArchive ? try archive(file.bytes, &places) : try stream(file.bytes, &places)
            weights = everything ? StateDict(everythingIn: root, heap) : StateDict(root, in: heap)
        } catch {
            throw CheckpointError(file.path, error)
        }
        guard !weights.tensors.isEmpty else { throw CheckpointError(file.path, .noWeights) }

        var stored: [String: StoredTensor] = [:]
        var problems: [CheckpointError.Problem] = []
        for (name, tensor) in weights.tensors.sorted(by: { $0.key < $1.key }) {
            do throws(CheckpointError.Problem) {
                stored[name] = try tensor.located(name, in: file, at: places[tensor.storage.key])
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw CheckpointError(file.path, problems) }
        return Checkpoint(path: file.path, stored: stored)
    }

    /// `NAME/data.pkl`, and the storages as `NAME/data/KEY`.
    private static func archive(
        _ bytes: UnsafeRawBufferPointer, _ places: inout [String: Place]
    ) throws(CheckpointError.Problem) -> (PickleValue, PickleHeap) {
        let directory = try ZipDirectory(bytes)
        let pickles = directory.entries.values.filter { entry in
            let path = entry.name.split(separator: "/")
            return path.count <= 2 && path.last == "data.pkl"
        }
        guard let entry = pickles.min(by: { $0.name < $1.name }) else { throw .archive("holds no data.pkl") }
        let root = String(entry.name.dropLast("data.pkl".count))
        if let order = directory.entries[root + "byteorder"], try directory.contents(of: order) == Array("big".utf8) {
            throw .archive("holds big-endian numbers")
        }
        for (name, entry) in directory.entries where name.hasPrefix(root + "data/") {
            guard entry.inflated == nil else { throw .archive("compresses the numbers '\(name)'") }
            places[String(name.dropFirst(root.count + 5))] = (entry.offset, entry.length)
        }
        let pickle = try directory.contents(of: entry)
        let result = pickle.withUnsafeBytes { pickle in
            Result { () throws(CheckpointError.Problem) in try run(pickle) }
        }
        return try result.get()
    }

    private static func run(
        _ bytes: UnsafeRawBufferPointer
    ) throws(CheckpointError.Problem) -> (PickleValue, PickleHeap) {
        var machine = PickleMachine(bytes)
        return (try machine.run(), machine.heap)
    }
}

extension PickleTensor {
    /// The tensor inside the file, once its last element is known to lie inside its storage, and that in the file.
    fileprivate func located(
        _ name: String, in file: MappedFile, at place: TorchFile.Place?
    ) throws(CheckpointError.Problem) -> StoredTensor {
        guard let dtype = kind.dtype else { throw .unknownType(tensor: name, type: kind.name) }
        guard let place else { throw .storage(tensor: name, reason: "are not in the file") }
        let (begin, overflow) = offset.addingReportingOverflow(storage.offset)
        guard let size = StoredTensor.size(of: shape, dtype), !overflow else {
            throw .tooLarge(tensor: name, shape: shape)
        }
        guard storage.count <= place.bytes / max(storage.kind.bytes, 1) else {
            throw .storage(tensor: name, reason: "are cut short (\(place.bytes) bytes)")
        }
        let available = place.bytes / dtype.bytes
        if size.elements > 0 {
            guard let last = lastElement(from: begin), last < available else {
                throw .storage(tensor: name, reason: "lie outside of their storage of \(available)")
            }
            // A view may repeat its storage without end (stride 0); real ones repeat little.
            guard size.elements <= max(available, 1 << 24) else { throw .tooLarge(tensor: name, shape: shape) }
        }
        let layout = Layout(shape: shape, strides: strides, offset: begin)
        return StoredTensor(
            file: file, start: place.offset, dtype: dtype, layout: size.elements > 0 ? layout : Layout(shape))
    }

    private func lastElement(from begin: Int) -> Int? {
        var last = begin
        for (extent, stride) in zip(shape, strides) {
            let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(distance)
            guard !overflow, !carry else { return nil }
            last = sum
        }
        return last
    }
}
