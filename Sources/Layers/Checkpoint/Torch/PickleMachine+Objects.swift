extension PickleMachine {
    /// What calling `callable` with `arguments` means for weights.
    mutating func made(by callable: PickleValue, _ arguments: PickleValue) throws(Problem) -> PickleValue {
        guard case .global(let global) = callable else {
            if case .opaque = callable { return .opaque }
            throw wrong("calls what is no name")
        }
        guard let arguments = heap.elements(arguments) else { throw wrong("calls without arguments") }
        switch global {
        case .opaque, .storage, .type: return .opaque
        case .scriptClass: return heap.object()
        case .dictionary: return try dictionary(arguments)
        case .passThrough, .rebuildParameter: return arguments.first ?? .opaque
        case .rebuildTensor, .rebuildTypedTensor: return try tensor(arguments)
        }
    }

    /// `OrderedDict()`, or `OrderedDict([(key, value), …])`.
    private mutating func dictionary(_ arguments: [PickleValue]) throws(Problem) -> PickleValue {
        guard let first = arguments.first, let pairs = heap.elements(first) else { return heap.dictionary() }
        // The same list may be copied again and again, so the sum of all copies is bounded.
        heap.copied += pairs.count
        guard heap.copied <= PickleMachine.most else { throw wrong("builds more than \(PickleMachine.most) values") }
        var items: [(key: PickleValue, value: PickleValue)] = []
        for pair in pairs {
            guard let pair = heap.elements(pair), pair.count == 2 else { throw wrong("has a key without a value") }
            items.append((pair[0], pair[1]))
        }
        return heap.dictionary(items)
    }

    /// `(storage, offset, shape, strides, …)`, and the number type at 6 where the storage has none.
    private mutating func tensor(_ arguments: [PickleValue]) throws(Problem) -> PickleValue {
        guard arguments.count >= 4, case .storage(let index) = arguments[0], case .int(let offset) = arguments[1],
            offset >= 0, let shape = heap.extents(arguments[2]), let strides = heap.extents(arguments[3]),
            shape.count == strides.count
        else { throw wrong("describes a tensor that cannot be") }
        let storage = heap.storages[index]
        var kind = storage.kind
        if arguments.count > 6, case .global(.type(let typed)) = arguments[6] { kind = typed }
        return heap.tensor(PickleTensor(storage: storage, kind: kind, offset: offset, shape: shape, strides: strides))
    }

    /// `("storage", class, key, device, count, [(key, offset, count)])`.
    mutating func persistent(_ identifier: PickleValue) throws(Problem) -> PickleValue {
        guard let parts = heap.elements(identifier), parts.count >= 5, case .text("storage") = parts[0],
            case .global(.storage(let kind)) = parts[1], case .text(let key) = parts[2],
            case .int(let count) = parts[4], count >= 0
        else { throw wrong("refers to a storage that cannot be") }
        var offset = 0
        if parts.count > 5, let view = heap.elements(parts[5]), view.count > 1, case .int(let start) = view[1] {
            guard start >= 0 else { throw wrong("refers to a storage that cannot be") }
            offset = start
        }
        return heap.storage(PickleStorage(key: key, kind: kind, count: count, offset: offset))
    }

    /// Sets the attributes of a TorchScript object; those of all else (`OrderedDict._metadata` …) are not weights.
    mutating func build(_ value: PickleValue, _ state: PickleValue) {
        guard case .object(let object) = value, case .dictionary(let attributes) = state else { return }
        heap.objects[object] = attributes
    }
}
