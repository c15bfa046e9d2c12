/// A value that a pickle builds.
///
/// Containers are numbers into a `PickleHeap`: a hostile pickle may nest or tie them in any way, and neither looking at
/// them nor freeing them recurses.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int)
    case text(String)
    case sequence(Int)
    case dictionary(Int)
    /// An instance of a TorchScript class; its attributes are set by BUILD.
    case object(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
    /// Something that weights do not need: numbers of other kinds, bytes, arrays of other libraries, options of a run.
    case opaque
}

/// A block of numbers that a pickle refers to by key; the numbers lie elsewhere in the file.
struct PickleStorage {
    let key: String
    let kind: TorchStorageKind
    let count: Int
    /// Elements to skip at its begin; only files before torch 0.4 have other than 0.
    let offset: Int
}

/// A tensor as a pickle describes it, not yet checked against its storage.
struct PickleTensor {
    let storage: PickleStorage
    let kind: TorchStorageKind
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// Everything that one pickle built.
struct PickleHeap {
    var sequences: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    /// The dictionary of attributes of every object, once it is set.
    var objects: [Int?] = []
    var storages: [PickleStorage] = []
    var tensors: [PickleTensor] = []
    /// How many values were copied from one container into another.
    var copied = 0

    var count: Int { sequences.count + dictionaries.count + objects.count + storages.count + tensors.count }

    mutating func sequence(_ values: [PickleValue]) -> PickleValue {
        sequences.append(values)
        return .sequence(sequences.count - 1)
    }

    mutating func dictionary(_ pairs: [(key: PickleValue, value: PickleValue)] = []) -> PickleValue {
        dictionaries.append(pairs)
        return .dictionary(dictionaries.count - 1)
    }

    mutating func object() -> PickleValue {
        objects.append(nil)
        return .object(objects.count - 1)
    }

    mutating func storage(_ storage: PickleStorage) -> PickleValue {
        storages.append(storage)
        return .storage(storages.count - 1)
    }

    mutating func tensor(_ tensor: PickleTensor) -> PickleValue {
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    /// The elements of a tuple or list.
    func elements(_ value: PickleValue) -> [PickleValue]? {
        guard case .sequence(let index) = value else { return nil }
        return sequences[index]
    }

    /// The elements of a tuple or list of at most 64 whole numbers that are not negative.
    func extents(_ value: PickleValue) -> [Int]? {
        guard let elements = elements(value), elements.count <= 64 else { return nil }
        var result: [Int] = []
        for case .int(let extent) in elements where extent >= 0 { result.append(extent) }
        return result.count == elements.count ? result : nil
    }

    /// The pairs of a dictionary, or of the attributes of an object.
    func members(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        switch value {
        case .dictionary(let index): dictionaries[index]
        case .object(let index): objects[index].map { dictionaries[$0] } ?? []
        default: nil
        }
    }
}
